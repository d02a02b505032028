// write_dense_network: the form that read_dense_network reads.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "traces/file/npz.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/trace_parts.h"
#include "traces/network/axes.h"
#include "traces/network/dense_network.h"
#include "traces/network/layer_arrays.h"

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

template <class T>
Json one_or_per_filter(const std::vector<T>& values) {
  return values.size() == 1 ? Json(values[0]) : Json(per_filter);
}

void add_numbers(Json& json, const DenseLayer& layer) {
  json["weight_axes"] = weight_file_axes(layer.kind);
  json["input_axes"] = input_file_axes(layer.kind);
  json.update({{"a_dtype", to_string(layer.activation_dtype)},
               {"a_scale", layer.activation_scale},
               {"a_zero", layer.activation_zero_point}});
  if (!layer.codes) return;
  json["w_dtype"] = to_string(layer.codes->dtype);
  json["w_scale"] = one_or_per_filter(layer.codes->scales);
  json["w_zero"] = one_or_per_filter(layer.codes->zero_points);
  if (layer.output) json["output"] = output_json(*layer.output);
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
  json.update({{"K", s.K}, {"C", s.C}});
  if (!layer.kind->flat()) {
    if (!layer.kind->fixes(&LayerShape::R)) json["R"] = s.R;
    if (!layer.kind->fixes(&LayerShape::S)) json["S"] = s.S;
    json.update({{"H", s.H}, {"W", s.W}, {"groups", s.groups}});
    add_window(json, s);
  }
  add_numbers(json, layer);
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

// Codes in the narrowest of numpy's integers that holds their dtype.
void add_codes(NpzWriter& archive, const std::string& name, Dtype dtype,
               const std::vector<std::int16_t>& codes, const std::vector<std::int64_t>& shape) {
  if (bits_of(dtype) > 8) {
    add_array(archive, name, codes, shape);
  } else if (lowest(dtype) < 0) {
    add_array(archive, name, std::vector<std::int8_t>(codes.begin(), codes.end()), shape);
  } else {
    add_array(archive, name, std::vector<std::uint8_t>(codes.begin(), codes.end()), shape);
  }
}

template <class T>
std::vector<T> in_file_order(const std::vector<T>& values, const std::string& order,
                             const std::vector<std::int64_t>& lengths, const std::string& file_order) {
  return arranged<T, T>(values, order, lengths, file_order);
}

void add_weights(NpzWriter& archive, const DenseLayer& layer) {
  const std::vector<std::int64_t> lengths = weight_lengths(layer.shape, weight_order),
                                  shape = weight_lengths(layer.shape, weight_file_axes(layer.kind));
  const std::string name = layer.name + ".weight";
  if (!layer.codes)
    return add_array(archive, name, in_file_order(layer.weights, weight_order, lengths, weight_file_order),
                     shape);
  const WeightCodes& codes = *layer.codes;
  add_codes(archive, name, codes.dtype, in_file_order(codes.values, weight_order, lengths, weight_file_order),
            shape);
  const auto add_list = [&](const char* part, const auto& list) {
    if (list.size() > 1) add_array(archive, name + part, list, {layer.shape.K});
  };
  add_list("_scale", codes.scales);
  add_list("_zero", codes.zero_points);
}

void add_input(NpzWriter& archive, const DenseLayer& layer) {
  const std::vector<std::int64_t> lengths = ifmap_lengths(layer.shape, ifmap_order);
  add_codes(archive, layer.name + ".input", layer.activation_dtype,
            in_file_order(layer.ifmap, ifmap_order, lengths, ifmap_file_order),
            ifmap_lengths(layer.shape, input_file_axes(layer.kind)));
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
    if (!layer.bias_sums.empty()) add_array(archive, layer.name + ".bias", layer.bias_sums, {layer.shape.K});
    add_input(archive, layer);
    if (layer.output) write_factors(*layer.output, layer.name, archive);
  }
  write_file_atomically(file, archive.finish());
}

}  // namespace basil
