// read_dense_network: network.json and the arrays that it implies, each checked.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/encodings/limits.h"
#include "traces/file/json_reader.h"
#include "traces/file/npz.h"
#include "traces/network/channels.h"
#include "traces/network/dense_network.h"

namespace basil {
namespace {

inline constexpr std::int64_t json_limit = 16 << 20;

int read_length(JsonReader& json, const std::string& field, std::optional<int> otherwise = {}) {
  return json.integer(field, 1, greatest_dimension, otherwise);
}

// A number for both axes, or a pair of them (y, x).
std::pair<int, int> read_both(JsonReader& json, const std::string& field, std::pair<int, int> otherwise) {
  if (json.is_list(field)) {
    const std::vector<int> pair = json.integers(field, 1, greatest_dimension, {0, 0});
    return {pair[0], pair[1]};
  }
  if (!json.has(field)) return otherwise;
  const int value = read_length(json, field);
  return {value, value};
}

void read_padding(JsonReader& json, LayerShape& shape) {
  if (json.has("pad") && json.has("pad_tblr"))
    throw Error(json.where("pad_tblr"), "given beside pad", "one of the two");
  const int pad = json.integer("pad", 0, greatest_dimension, 0);
  const std::vector<int> tblr =
      json.integers("pad_tblr", 0, greatest_dimension, std::vector<int>{pad, pad, pad, pad});
  shape.pad_top = tblr[0];
  shape.pad_bottom = tblr[1];
  shape.pad_left = tblr[2];
  shape.pad_right = tblr[3];
}

// How a filter or a pool of a known size moves over the ifmap.
void read_window(JsonReader& json, LayerShape& shape, std::pair<int, int> default_stride) {
  std::tie(shape.stride_y, shape.stride_x) = read_both(json, "stride", default_stride);
  std::tie(shape.dilation_y, shape.dilation_x) = read_both(json, "dilation", {1, 1});
  read_padding(json, shape);
}

// true and "relu" are this layer's own, in whatever case an exporter writes it; "after residual add" comes
// later in the network. What a layer cannot have (ReLU6, a leaky one) is refused, not taken for none.
bool read_relu(JsonReader& json) {
  if (json.is_null("relu")) return false;
  if (!json.is_text("relu")) return json.flag("relu", false);
  const std::string given = json.text("relu");
  std::string word;
  for (const char letter : given) word += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  if (word == "relu") return true;
  for (const char* none : {"none", "linear", "identity", "after residual add"}) {
    if (word == none) return false;
  }
  throw Error(json.where("relu"), "'" + given + "'",
              "true, false, null, 'relu', 'none', 'linear', 'identity' or 'after residual add'");
}

std::string read_note(JsonReader& json, const std::string& field, const std::string& otherwise) {
  return json.is_null(field) ? otherwise : json.text(field, otherwise);
}

void check_shape(const DenseLayer& layer) {
  Layer shaped;
  shaped.name = layer.name;
  shaped.kind = layer.kind;
  shaped.shape = layer.shape;
  check_shape(shaped);
}

// P and Q, where given, are what the shape says.
void read_ofmap(JsonReader& json, const LayerShape& shape) {
  for (const auto& [field, length] : {std::pair{"P", shape.P()}, {"Q", shape.Q()}}) {
    if (const int given = json.integer(field, 0, greatest_dimension, length); given != length)
      throw Error(json.where(field), std::to_string(given), fmt::format("{}, as the shape says", length));
  }
}

void read_conv(JsonReader& json, DenseLayer& layer) {
  LayerShape& shape = layer.shape;
  const auto read = [&](const char* field, int LayerShape::*axis, std::optional<int> otherwise = {}) {
    if (!layer.kind->fixes(axis)) shape.*axis = read_length(json, field, otherwise);
  };
  read("R", &LayerShape::R);
  read("S", &LayerShape::S);
  read("H", &LayerShape::H);
  read("W", &LayerShape::W);
  read_window(json, shape, {1, 1});
  read("groups", &LayerShape::groups, layer.kind->channelwise() ? shape.C : 1);
}

// A pool or an addition works on the output of the layer before, unless it says its own N, C, H and W.
void read_listed(JsonReader& json, DenseLayer& layer, const DenseLayer* before) {
  LayerShape& shape = layer.shape;
  const auto length = [&](const char* field, int of_before) {
    return read_length(json, field, before == nullptr ? std::nullopt : std::optional(of_before));
  };
  const LayerShape last = before == nullptr ? LayerShape{} : before->shape;
  shape.N = read_length(json, "N", last.N);
  shape.C = shape.K = length("C", last.K);
  shape.H = length("H", last.P());
  shape.W = length("W", last.Q());
  if (!layer.kind->window) return;
  shape.groups = shape.C;
  std::tie(shape.R, shape.S) = read_both(json, "size", {1, 1});
  read_window(json, shape, {shape.R, shape.S});
}

void check_finite(const std::vector<float>& values, const std::string& where) {
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad != values.end())
    throw Error(where, fmt::format("{} at {}", *bad, bad - values.begin()), "finite numbers");
}

class DenseReader {
 public:
  explicit DenseReader(const std::filesystem::path& file) : archive_(file) {}

  DenseNetwork read() {
    const nlohmann::json document =
        parse_json(archive_.read("network.json", json_limit, "network.json"), "network.json");
    JsonReader json(document, "network.json");
    if (const std::string schema = json.text("schema"); schema != dense_network_schema) {
      const bool is_trace = schema.starts_with("basil-trace/");
      throw Error(
          json.where("schema"), "'" + schema + "'",
          fmt::format("'{}'{}", dense_network_schema, is_trace ? "; this file is a trace already" : ""));
    }
    DenseNetwork network;
    network.name = json.text("name");
    network.source = read_note(json, "source", "");
    network.licence = read_note(json, "license", "");
    network.activations = read_note(json, "image", "as stored in the network file");
    for (const nlohmann::json& entry : json.list("layers")) {
      const DenseLayer* before = network.layers.empty() ? nullptr : &network.layers.back();
      network.layers.push_back(read_layer(entry, network.layers.size(), before));
    }
    json.done();
    if (const auto spare = archive_.unread(); !spare.empty())
      throw Error(spare.front(), "a member that belongs to no layer", "members named by network.json");
    return network;
  }

 private:
  DenseLayer read_layer(const nlohmann::json& entry, std::size_t index, const DenseLayer* before) {
    JsonReader json(entry, fmt::format("layers[{}]", index));
    DenseLayer layer;
    layer.kind = parse_network_type(json.text("type"), json.where("type"));
    std::optional<std::string> numbered;
    if (!layer.simulated()) numbered = fmt::format("{}{}", json.text("type"), index);
    layer.name = json.text("name", numbered);
    json.rename("layer " + layer.name + ": ");
    (void)read_note(json, "src", "");  // what its author calls it
    layer.relu = read_relu(json);
    if (layer.simulated()) {
      layer.shape.K = read_length(json, "K");
      layer.shape.C = read_length(json, "C");
      if (!layer.kind->flat()) read_conv(json, layer);
      layer.activation_scale = json.real("a_scale");
      check_scale(layer.activation_scale, json.where("a_scale"));
      if (json.has("w_scale")) check_scale(json.real("w_scale"), json.where("w_scale"));  // the author's own
    } else {
      read_listed(json, layer, before);
    }
    check_shape(layer);
    read_ofmap(json, layer.shape);
    json.done();
    if (!names_.insert(layer.name).second)
      throw Error("layer " + layer.name, "a second layer of that name", "names that differ");
    if (layer.simulated()) read_arrays(layer);
    return layer;
  }

  void read_arrays(DenseLayer& layer) {
    read_weights(layer);
    if (archive_.contains(layer.name + ".bias.npy")) {
      layer.bias = read_floats(layer, "bias", {layer.shape.K});
    }
    read_input(layer);
  }

  std::vector<float> read_floats(const DenseLayer& layer, const std::string& part,
                                 const std::vector<std::int64_t>& shape) {
    const std::string where = "layer " + layer.name + ": " + part;
    std::int64_t bytes = sizeof(float);
    for (const std::int64_t length : shape) bytes *= length;
    const NpyArray array = archive_.read_array(layer.name + "." + part, bytes, where);
    array.expect("f4", shape, where);
    std::vector<float> values = array.as<float>();
    check_finite(values, where);
    return values;
  }

  void read_weights(DenseLayer& layer) {
    const LayerShape& s = layer.shape;
    const int depth = s.channels_per_group();
    const std::vector<std::int64_t> shape = layer.kind->flat()
                                                ? std::vector<std::int64_t>{s.K, s.C}
                                                : std::vector<std::int64_t>{s.K, depth, s.R, s.S};
    layer.weights = channels_last<float, float>(read_floats(layer, "weight", shape),
                                                {s.K, depth, std::int64_t{s.R} * s.S});
  }

  void read_input(DenseLayer& layer) {
    LayerShape& s = layer.shape;
    const std::string where = "layer " + layer.name + ": input";
    const std::int64_t image = std::int64_t{s.C} * s.H * s.W;
    const NpyArray array = archive_.read_array(layer.name + ".input",
                                               std::min(greatest_positions, image * greatest_images), where);
    if (array.dtype() != "i1" && array.dtype() != "u1")
      throw Error(where, "dtype " + array.dtype(), "int8 (i1) or uint8 (u1)");
    const std::int64_t images = array.elements() / image;
    const std::vector<std::int64_t> batch{images, s.C, s.H, s.W}, single{s.C, s.H, s.W};
    const bool shaped = layer.kind->flat() || array.shape() == batch || array.shape() == single;
    if (images < 1 || array.elements() != images * image || !shaped) {
      throw Error(
          where, "shape " + shape_text(array.shape()),
          layer.kind->flat() ? fmt::format("(N, {})", s.C) : fmt::format("(N, {}, {}, {})", s.C, s.H, s.W));
    }
    s.N = static_cast<int>(images);
    check_shape(layer);
    const Planes planes{s.N, s.C, std::int64_t{s.H} * s.W};
    const bool is_signed = array.dtype() == "i1";
    layer.activation_dtype = is_signed ? Dtype::int8 : Dtype::uint8;
    layer.ifmap = is_signed ? channels_last<std::int16_t, std::int8_t>(array.as<std::int8_t>(), planes)
                            : channels_last<std::int16_t, std::uint8_t>(array.as<std::uint8_t>(), planes);
  }

  NpzReader archive_;
  std::set<std::string> names_;
};

}  // namespace

bool is_dense_network(const std::filesystem::path& file) {
  try {
    NpzReader archive(file);
    if (!archive.contains("network.json")) return false;
    const nlohmann::json network =
        parse_json(archive.read("network.json", json_limit, "network.json"), "network.json");
    return network.is_object() && network.value("schema", nlohmann::json()) == dense_network_schema;
  } catch (const Error&) { return false; }
}

DenseNetwork read_dense_network(const std::filesystem::path& file) {
  try {
    return DenseReader(file).read();
  } catch (const Error& error) { throw error.within(name_in_messages(file)); }
}

}  // namespace basil
