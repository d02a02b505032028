#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/dense_network.h"
#include "traces/json_reader.h"
#include "traces/limits.h"
#include "traces/npz.h"

namespace basil {
namespace {

inline constexpr std::int64_t json_limit = 16 << 20;

// A number for both axes, or a pair of them (y, x).
std::pair<int, int> both(JsonReader& json, const std::string& field, int otherwise) {
  if (!json.has(field)) return {otherwise, otherwise};
  if (json.is_list(field)) {
    const std::vector<int> pair = json.integers(field, 1, greatest_dimension, {otherwise, otherwise});
    return {pair[0], pair[1]};
  }
  const int value = json.integer(field, 1, greatest_dimension);
  return {value, value};
}

void read_padding(JsonReader& json, LayerShape& shape) {
  if (json.has("pad") && json.has("pad_tblr"))
    throw Error(json.where("pad_tblr"), "beside pad", "one of the two");
  if (json.has("pad_tblr")) {
    const std::vector<int> pad = json.integers("pad_tblr", 0, greatest_dimension, {0, 0, 0, 0});
    shape.pad_top = pad[0], shape.pad_bottom = pad[1], shape.pad_left = pad[2], shape.pad_right = pad[3];
    return;
  }
  const int pad = json.integer("pad", 0, greatest_dimension, 0);
  shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = pad;
}

// true and "relu" are this layer's own; another text ("after residual add") comes later in the network.
bool read_relu(JsonReader& json) {
  if (!json.has("relu") || json.is_null("relu")) return false;
  if (json.is_text("relu")) return json.text("relu") == "relu";
  return json.flag("relu");
}

Kind kind_of(JsonReader& json) {
  static const std::vector<std::pair<std::string, Kind>> kinds{
      {"conv", Kind::conv},    {"dwconv", Kind::depthwise}, {"fc", Kind::fc},
      {"maxpool", Kind::pool}, {"avgpool", Kind::pool},     {"add", Kind::add}};
  const std::string word = json.text("type");
  for (const auto& [name, kind] : kinds) {
    if (name == word) return kind;
  }
  throw Error(json.where("type"), "'" + word + "'", "conv, dwconv, fc, maxpool, avgpool or add");
}

class DenseReader {
 public:
  explicit DenseReader(const std::filesystem::path& file) : archive_(file) {}

  DenseNetwork read() {
    const nlohmann::json document =
        parse_json(archive_.read("network.json", json_limit, "network.json"), "network.json");
    JsonReader json(document, "network.json");
    if (const std::string schema = json.text("schema"); schema != "dense-network/1") {
      throw Error(json.where("schema"), "'" + schema + "'",
                  schema.rfind("basil-trace/", 0) == 0 ? "'dense-network/1'; this file is compressed already"
                                                       : "'dense-network/1'");
    }
    DenseNetwork network;
    network.name = json.text("name");
    network.source = json.is_null("source") ? "" : json.text("source", "");
    network.licence = json.is_null("license") ? "" : json.text("license", "");
    network.activations = json.is_null("image") ? "as stored in the network file"
                                                : json.text("image", "as stored in the network file");
    for (const nlohmann::json& entry : json.list("layers"))
      network.layers.push_back(read_layer(entry, network.layers));
    json.done();
    if (const auto spare = archive_.unread(); !spare.empty())
      throw Error(spare.front(), "belongs to no layer", "members of the layers in network.json");
    return network;
  }

 private:
  DenseLayer read_layer(const nlohmann::json& entry, const std::vector<DenseLayer>& before) {
    JsonReader json(entry, fmt::format("layer {}", before.size()));
    DenseLayer layer;
    layer.kind = kind_of(json);
    layer.name = json.text(
        "name", layer.simulated() ? std::nullopt
                                  : std::optional(fmt::format("{}{}", json.text("type"), before.size())));
    json.rename("layer " + layer.name);
    (void)json.text("src", "");
    if (layer.simulated()) {
      read_shape(json, layer);
      read_arrays(json, layer);
    } else {
      read_pool(json, layer, before);
    }
    json.done();
    return layer;
  }

  void read_shape(JsonReader& json, DenseLayer& layer) {
    const auto axis = [&](const char* field, std::optional<int> otherwise = {}) {
      return json.integer(field, 1, greatest_dimension, otherwise);
    };
    LayerShape& shape = layer.shape;
    shape.K = axis("K");
    shape.C = axis("C");
    layer.relu = read_relu(json);
    if (layer.kind == Kind::fc) return;
    shape.R = axis("R");
    shape.S = axis("S");
    shape.H = axis("H");
    shape.W = axis("W");
    std::tie(shape.stride_y, shape.stride_x) = both(json, "stride", 1);
    std::tie(shape.dilation_y, shape.dilation_x) = both(json, "dilation", 1);
    read_padding(json, shape);
    shape.groups = axis("groups", layer.kind == Kind::depthwise ? shape.C : 1);
    if (shape.C % shape.groups != 0 || shape.K % shape.groups != 0) {
      throw Error(json.where("groups"), std::to_string(shape.groups),
                  fmt::format("a divisor of C {} and K {}", shape.C, shape.K));
    }
    const auto spans = [](int size, int pads, int taps, int dilation) {
      return std::int64_t{size} + pads >= (std::int64_t{taps} - 1) * dilation + 1;
    };
    if (!spans(shape.H, shape.pad_top + shape.pad_bottom, shape.R, shape.dilation_y) ||
        !spans(shape.W, shape.pad_left + shape.pad_right, shape.S, shape.dilation_x)) {
      throw Error(json.where("H"), "an ifmap smaller than the filter", "at least one output");
    }
    for (const auto& [field, size] : {std::pair{"P", shape.P()}, {"Q", shape.Q()}}) {
      if (const int given = axis(field, size); given != size)
        throw Error(json.where(field), std::to_string(given), fmt::format("{}, which the shape gives", size));
    }
  }

  void read_arrays(JsonReader& json, DenseLayer& layer) {
    LayerShape& shape = layer.shape;
    (void)json.has("w_scale");  // the author's own quantisation; a recipe makes its own
    layer.activation_scale = json.real("a_scale");
    check_scale(layer.activation_scale, json.where("a_scale"));
    check_positions({shape.K, shape.R, shape.S, shape.channels_per_group()},
                    "layer " + layer.name + ": weight");
    layer.weights = read_weights(layer);
    if (archive_.contains(layer.name + ".bias.npy")) {
      const NpyArray bias = archive_.read_array(layer.name + ".bias", std::int64_t{shape.K} * 4,
                                                "layer " + layer.name + ": bias");
      bias.expect("f4", {shape.K}, "layer " + layer.name + ": bias");
      layer.bias = bias.as<float>();
      check_finite(layer.bias, "layer " + layer.name + ": bias");
    }
    read_input(layer);
  }

  static void check_finite(const std::vector<float>& values, const std::string& where) {
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
      throw Error(where, "a value that is not finite", "finite numbers");
  }

  std::vector<float> read_weights(const DenseLayer& layer) {
    const LayerShape& s = layer.shape;
    const std::string where = "layer " + layer.name + ": weight";
    const std::int64_t count = std::int64_t{s.K} * s.reduction();
    const NpyArray array = archive_.read_array(layer.name + ".weight", count * 4, where);
    const int depth = s.channels_per_group();
    array.expect("f4",
                 layer.kind == Kind::fc ? std::vector<std::int64_t>{s.K, s.C}
                                        : std::vector<std::int64_t>{s.K, depth, s.R, s.S},
                 where);
    const std::vector<float> stored = array.as<float>();
    check_finite(stored, where);
    std::vector<float> weights;
    weights.reserve(stored.size());
    for (int k = 0; k < s.K; ++k) {
      for (int tap = 0; tap < s.R * s.S; ++tap) {
        for (int c = 0; c < depth; ++c)
          weights.push_back(
              stored[static_cast<std::size_t>((std::int64_t{k} * depth + c) * s.R * s.S + tap)]);
      }
    }
    return weights;
  }

  // Channels come first in the file, last in memory.
  void read_input(DenseLayer& layer) {
    LayerShape& s = layer.shape;
    const std::string where = "layer " + layer.name + ": input";
    const std::int64_t image = std::int64_t{s.C} * s.H * s.W;
    const NpyArray array =
        archive_.read_array(layer.name + ".input", std::min(greatest_positions, image * 4096), where);
    if (array.dtype() != "i1" && array.dtype() != "u1")
      throw Error(where, "dtype " + array.dtype(), "int8 or uint8");
    const std::int64_t images = array.elements() / image;
    const std::vector<std::int64_t> full{images, s.C, s.H, s.W}, one{s.C, s.H, s.W};
    if (images < 1 || array.elements() % image != 0 ||
        (layer.kind != Kind::fc && array.shape() != full && array.shape() != one)) {
      throw Error(where, "shape " + shape_text(array.shape()), fmt::format("(N, {}, {}, {})", s.C, s.H, s.W));
    }
    s.N = static_cast<int>(images);
    check_positions({s.N, s.H, s.W, s.C}, where);
    layer.activation_dtype = array.dtype() == "i1" ? Dtype::int8 : Dtype::uint8;
    const std::string_view bytes = array.payload();
    const std::int64_t plane = std::int64_t{s.H} * s.W;
    layer.ifmap.reserve(bytes.size());
    for (int n = 0; n < s.N; ++n) {
      for (std::int64_t pixel = 0; pixel < plane; ++pixel) {
        for (int c = 0; c < s.C; ++c) {
          const char byte = bytes[static_cast<std::size_t>((std::int64_t{n} * s.C + c) * plane + pixel)];
          layer.ifmap.push_back(layer.activation_dtype == Dtype::int8
                                    ? static_cast<std::int16_t>(static_cast<signed char>(byte))
                                    : static_cast<std::int16_t>(static_cast<unsigned char>(byte)));
        }
      }
    }
  }

  // What a pool works on is the output of the layer before; only its window is said.
  static void read_pool(JsonReader& json, DenseLayer& layer, const std::vector<DenseLayer>& before) {
    LayerShape& shape = layer.shape;
    if (!before.empty()) {
      const LayerShape& last = before.back().shape;
      shape.N = last.N;
      shape.C = shape.K = last.K;
      shape.H = last.P();
      shape.W = last.Q();
    }
    shape.groups = layer.kind == Kind::pool ? shape.C : 1;
    (void)read_relu(json);
    if (layer.kind == Kind::add) return;
    const auto [size_y, size_x] = both(json, "size", 1);
    shape.R = std::min(size_y, shape.H);
    shape.S = std::min(size_x, shape.W);
    std::tie(shape.stride_y, shape.stride_x) = both(json, "stride", size_y);
    (void)json.integer("pad", 0, greatest_dimension, 0);
  }

  NpzReader archive_;
};

}  // namespace

DenseNetwork read_dense_network(const std::filesystem::path& file) {
  try {
    return DenseReader(file).read();
  } catch (const Error& error) { throw error.within(file.string()); }
}

}  // namespace basil
