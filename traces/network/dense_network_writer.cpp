// write_dense_network: the form that read_dense_network reads.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "traces/file/npz.h"
#include "traces/network/channels.h"
#include "traces/network/dense_network.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

void add_window(Json& json, const LayerShape& s) {
  json["stride"] = {s.stride_y, s.stride_x};
  json["dilation"] = {s.dilation_y, s.dilation_x};
  json["pad_tblr"] = {s.pad_top, s.pad_bottom, s.pad_left, s.pad_right};
  json["P"] = s.P();
  json["Q"] = s.Q();
}

Json layer_json(const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  Json json{{"name", layer.name}, {"type", layer.kind->network_types.front()}, {"relu", layer.relu}};
  if (!layer.simulated()) {
    json.update({{"N", s.N}, {"C", s.C}, {"H", s.H}, {"W", s.W}});
    if (!layer.kind->window) return json;
    json["size"] = {s.R, s.S};
    add_window(json, s);
    return json;
  }
  json.update({{"K", s.K}, {"C", s.C}, {"a_scale", layer.activation_scale}});
  if (layer.kind->flat()) return json;
  if (!layer.kind->fixes(&LayerShape::R)) json["R"] = s.R;
  if (!layer.kind->fixes(&LayerShape::S)) json["S"] = s.S;
  json.update({{"H", s.H}, {"W", s.W}, {"groups", s.groups}});
  add_window(json, s);
  return json;
}

template <class T>
void add_array(NpzWriter& archive, const std::string& name, const std::vector<T>& values,
               const std::vector<std::int64_t>& shape) {
  archive.add(name + ".npy", NpyArray::of(std::span<const T>(values), shape).member(),
              NpzWriter::Packing::deflated);
}

// What the reader would refuse is not written.
void check_images(const DenseLayer& layer) {
  if (layer.shape.N > greatest_images) {
    throw Error("layer " + layer.name + ": input", fmt::format("{} images", layer.shape.N),
                fmt::format("at most {} in a network file", greatest_images));
  }
}

void add_weights(NpzWriter& archive, const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  const int depth = s.channels_per_group();
  const auto stored = channels_first<float, float>(layer.weights, {s.K, depth, std::int64_t{s.R} * s.S});
  add_array(archive, layer.name + ".weight", stored,
            layer.kind->flat() ? std::vector<std::int64_t>{s.K, s.C}
                               : std::vector<std::int64_t>{s.K, depth, s.R, s.S});
}

template <class T>
void add_input(NpzWriter& archive, const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  const auto stored = channels_first<T, std::int16_t>(layer.ifmap, {s.N, s.C, std::int64_t{s.H} * s.W});
  add_array(archive, layer.name + ".input", stored,
            layer.kind->flat() ? std::vector<std::int64_t>{s.N, s.C}
                               : std::vector<std::int64_t>{s.N, s.C, s.H, s.W});
}

}  // namespace

void write_dense_network(const DenseNetwork& network, const std::filesystem::path& file) {
  Json json{{"schema", dense_network_schema}, {"name", network.name},         {"source", network.source},
            {"license", network.licence},     {"image", network.activations}, {"layers", Json::array()}};
  for (const DenseLayer& layer : network.layers) json["layers"].push_back(layer_json(layer));
  NpzWriter archive;
  archive.add("network.json", json.dump(1, ' ', false, Json::error_handler_t::replace),
              NpzWriter::Packing::deflated);
  for (const DenseLayer& layer : network.layers) {
    if (!layer.simulated()) continue;
    check_images(layer);
    add_weights(archive, layer);
    if (!layer.bias.empty()) add_array(archive, layer.name + ".bias", layer.bias, {layer.shape.K});
    if (layer.activation_dtype == Dtype::uint8) {
      add_input<std::uint8_t>(archive, layer);
    } else {
      add_input<std::int8_t>(archive, layer);
    }
  }
  write_file_atomically(file, archive.finish());
}

}  // namespace basil
