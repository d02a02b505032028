#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "traces/dense_network.h"
#include "traces/npz.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

std::string type_of(Kind kind) {
  switch (kind) {
    case Kind::depthwise:
      return "dwconv";
    case Kind::fc:
      return "fc";
    case Kind::pool:
      return "maxpool";
    case Kind::add:
      return "add";
    case Kind::conv:
      break;
  }
  return "conv";
}

Json layer_json(const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  Json json{{"name", layer.name}, {"type", type_of(layer.kind)}};
  if (layer.kind == Kind::pool) {
    json["size"] = {s.R, s.S};
    json["stride"] = {s.stride_y, s.stride_x};
  }
  if (!layer.simulated()) return json;
  json["K"] = s.K;
  json["C"] = s.C;
  if (layer.kind != Kind::fc) {
    json.update(
        {{"R", s.R}, {"S", s.S}, {"H", s.H}, {"W", s.W}, {"P", s.P()}, {"Q", s.Q()}, {"groups", s.groups}});
    json["stride"] = {s.stride_y, s.stride_x};
    json["dilation"] = {s.dilation_y, s.dilation_x};
    json["pad_tblr"] = {s.pad_top, s.pad_bottom, s.pad_left, s.pad_right};
  }
  json["relu"] = layer.relu;
  json["a_scale"] = layer.activation_scale;
  return json;
}

template <class T>
void add_array(NpzWriter& archive, const std::string& name, const std::vector<T>& values,
               std::vector<std::int64_t> shape) {
  archive.add(name + ".npy", NpyArray::of(std::span<const T>(values), std::move(shape)).member(),
              NpzWriter::Packing::deflated);
}

void add_weights(NpzWriter& archive, const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  const int depth = s.channels_per_group(), taps = s.R * s.S;
  std::vector<float> stored(layer.weights.size());
  std::size_t i = 0;
  for (int k = 0; k < s.K; ++k) {
    for (int tap = 0; tap < taps; ++tap) {
      for (int c = 0; c < depth; ++c)
        stored[static_cast<std::size_t>((std::int64_t{k} * depth + c) * taps + tap)] = layer.weights[i++];
    }
  }
  add_array(archive, layer.name + ".weight", stored,
            layer.kind == Kind::fc ? std::vector<std::int64_t>{s.K, s.C}
                                   : std::vector<std::int64_t>{s.K, depth, s.R, s.S});
}

template <class T>
void add_input(NpzWriter& archive, const DenseLayer& layer) {
  const LayerShape& s = layer.shape;
  const std::int64_t plane = std::int64_t{s.H} * s.W;
  std::vector<T> stored(layer.ifmap.size());
  std::size_t i = 0;
  for (int n = 0; n < s.N; ++n) {
    for (std::int64_t pixel = 0; pixel < plane; ++pixel) {
      for (int c = 0; c < s.C; ++c)
        stored[static_cast<std::size_t>((std::int64_t{n} * s.C + c) * plane + pixel)] =
            static_cast<T>(layer.ifmap[i++]);
    }
  }
  add_array(archive, layer.name + ".input", stored,
            layer.kind == Kind::fc ? std::vector<std::int64_t>{s.N, s.C}
                                   : std::vector<std::int64_t>{s.N, s.C, s.H, s.W});
}

}  // namespace

void write_dense_network(const DenseNetwork& network, const std::filesystem::path& file) {
  Json json{{"schema", "dense-network/1"},
            {"name", network.name},
            {"source", network.source},
            {"license", network.licence},
            {"image", network.activations}};
  json["layers"] = Json::array();
  NpzWriter archive;
  for (const DenseLayer& layer : network.layers) {
    json["layers"].push_back(layer_json(layer));
    if (!layer.simulated()) continue;
    add_weights(archive, layer);
    if (!layer.bias.empty()) add_array(archive, layer.name + ".bias", layer.bias, {layer.shape.K});
    if (layer.activation_dtype == Dtype::uint8) {
      add_input<std::uint8_t>(archive, layer);
    } else {
      add_input<std::int8_t>(archive, layer);
    }
  }
  archive.add("network.json", json.dump(1), NpzWriter::Packing::deflated);
  write_file_atomically(file, archive.finish());
}

DenseNetwork with_batch(DenseNetwork network, int n) {
  for (DenseLayer& layer : network.layers) {
    LayerShape& s = layer.shape;
    s.N = n;
    if (!layer.simulated()) continue;
    // A row of columns, C words each, is rolled by whole columns; an fc input by channels.
    const std::int64_t row = std::int64_t{s.W} * s.C;
    const std::int64_t columns = layer.kind == Kind::fc ? s.C : s.W;
    const std::int64_t column = row / columns;
    const std::vector<std::int16_t> first(layer.ifmap.begin(), layer.ifmap.begin() + s.H * row);
    layer.ifmap.clear();
    for (int image = 0; image < n; ++image) {
      const std::int64_t shift = image * std::max<std::int64_t>(1, columns / n) % columns * column;
      for (int y = 0; y < s.H; ++y) {
        const auto begin = first.begin() + y * row;
        layer.ifmap.insert(layer.ifmap.end(), begin + (row - shift) % row, begin + row);
        if (shift > 0) layer.ifmap.insert(layer.ifmap.end(), begin, begin + (row - shift));
      }
    }
  }
  network.activations +=
      fmt::format("; batch of {}: each layer's image 0, rolled sideways for the others", n);
  return network;
}

}  // namespace basil
