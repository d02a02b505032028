// write_trace: a checked trace to one .npz.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/shape_json.h"
#include "traces/file/trace_file.h"
#include "traces/file/trace_parts.h"

namespace basil {
namespace {

using nlohmann::ordered_json;
using Packing = NpzWriter::Packing;

template <class T>
ordered_json one_or_per_filter(const std::vector<T>& values) {
  return values.size() == 1 ? ordered_json(values[0]) : ordered_json(per_filter);
}

ordered_json operand_json(const Operand& operand, const char* axes) {
  ordered_json json = {
      {"axes", axes}, {"encoding", to_string(operand.encoding)}, {"dtype", to_string(operand.dtype)}};
  for (const EncodingField& field : operand.encoding->fields)
    json[std::string(field.name)] = field.get(operand);
  json["scale"] = one_or_per_filter(operand.scales);
  if (operand.codes) {
    json["codes"] = to_string(operand.codes->dtype);
    json["zero_point"] = one_or_per_filter(operand.codes->zero_points);
  }
  return json;
}

ordered_json layer_json(const Layer& layer) {
  ordered_json json = {
      {"name", layer.name}, {"kind", to_string(layer.kind)}, {"shape", shape_json(layer.shape)}};
  if (layer.simulated()) {
    json["weights"] = operand_json(layer.weights, weight_axes);
    json["ifmap"] = operand_json(layer.ifmap, ifmap_axes);
    json["bias"] = !layer.bias.empty() || !layer.bias_real.empty();
  }
  json["output"] = output_json(layer.output);
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
      write_factors(layer.output, layer.name, npz);
    }
    bytes = npz.finish();
  } catch (const Error& error) { throw error.within(file.string()); }
  write_file_atomically(file, bytes);
}

}  // namespace basil
