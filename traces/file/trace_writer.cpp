// write_trace: a checked trace to one .npz.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "traces/file/shape_json.h"
#include "traces/file/trace_file.h"
#include "traces/file/trace_parts.h"

namespace basil {
namespace {

using nlohmann::ordered_json;
using Packing = NpzWriter::Packing;

ordered_json operand_json(const Operand& operand) {
  ordered_json json = {{"encoding", to_string(operand.encoding)}, {"dtype", to_string(operand.dtype)}};
  for (const EncodingField& field : operand.encoding->fields)
    json[std::string(field.name)] = field.get(operand);
  if (operand.scales.size() == 1) {
    json["scale"] = operand.scales[0];
  } else {
    json["scale"] = scale_per_filter;
  }
  return json;
}

ordered_json layer_json(const Layer& layer) {
  ordered_json json = {
      {"name", layer.name}, {"kind", to_string(layer.kind)}, {"shape", shape_json(layer.shape)}};
  if (layer.simulated()) {
    json["weights"] = operand_json(layer.weights);
    json["ifmap"] = operand_json(layer.ifmap);
    json["bias"] = !layer.bias.empty() || !layer.bias_real.empty();
  }
  json["output"] = {
      {"dtype", to_string(layer.output.dtype)}, {"scale", layer.output.scale}, {"relu", layer.output.relu}};
  return json;
}

std::string network_json(const Trace& trace) {
  ordered_json json = {{"schema", trace_schema},           {"name", trace.name},
                       {"source", trace.source},           {"licence", trace.licence},
                       {"activations", trace.activations}, {"history", trace.history}};
  if (trace.synthetic_seed) json["synthetic_seed"] = *trace.synthetic_seed;
  json["layers"] = ordered_json::array();
  for (const Layer& layer : trace.layers) json["layers"].push_back(layer_json(layer));
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

template <class T>
void add_bias(const std::vector<T>& bias, const std::string& layer, NpzWriter& file) {
  if (bias.empty()) return;
  const NpyArray array = NpyArray::of(std::span<const T>(bias), {static_cast<std::int64_t>(bias.size())});
  file.add(member_name(layer, "bias") + ".npy", array.member(), Packing::stored);
}

}  // namespace

void write_trace(const Trace& trace, const std::filesystem::path& file) {
  std::string bytes;
  try {
    check(trace);
    NpzWriter npz;
    npz.add("network.json", network_json(trace), Packing::deflated);
    for (const Layer& layer : trace.layers) {
      if (!layer.simulated()) continue;
      write_parts(layer.weights, layer.name, "weights", npz);
      write_parts(layer.ifmap, layer.name, "ifmap", npz);
      add_bias(layer.bias, layer.name, npz);
      add_bias(layer.bias_real, layer.name, npz);
    }
    bytes = npz.finish();
  } catch (const Error& error) { throw error.within(file.string()); }
  write_file_atomically(file, bytes);
}

}  // namespace basil
