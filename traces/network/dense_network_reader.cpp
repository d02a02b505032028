// read_dense_network: network.json and the arrays that it implies, each checked.
#include <fmt/format.h>

#include <cctype>
#include <set>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/encodings/limits.h"
#include "traces/file/json_reader.h"
#include "traces/file/npz.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/trace_parts.h"
#include "traces/network/axes.h"
#include "traces/network/dense_network.h"
#include "traces/network/layer_arrays.h"

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

// Of the first schema: real weights, an input symmetric about zero, axes as they are written.
ArrayFields read_scales(JsonReader& json, DenseLayer& layer) {
  layer.activation_scale = json.real("a_scale");
  check_scale(layer.activation_scale, json.where("a_scale"));
  if (json.has("w_scale")) check_scale(json.real("w_scale"), json.where("w_scale"));  // the author's own
  return {.weight_axes = weight_file_axes(layer.kind), .input_axes = "", .input_dtype = {}};
}

// A number for all filters, or an array; whether an array.
template <class Number, class Read>
bool read_one_or_per_filter(JsonReader& json, const char* field, std::vector<Number>& numbers, Read read) {
  if (json.is_text(field)) {
    if (const std::string word = json.text(field); word != per_filter)
      throw Error(json.where(field), "'" + word + "'", fmt::format("a number or '{}'", per_filter));
    return true;
  }
  numbers = {read(field)};
  return false;
}

void read_weight_codes(JsonReader& json, DenseLayer& layer, ArrayFields& fields) {
  WeightCodes codes;
  codes.dtype = parse_dtype(json.text("w_dtype"), json.where("w_dtype"));
  if (codes.dtype == Dtype::fp32)
    throw Error(json.where("w_dtype"), "fp32", "an integer dtype, or no such field");
  fields.scale_per_filter = read_one_or_per_filter(json, "w_scale", codes.scales,
                                                   [&](const char* field) { return json.real(field); });
  fields.zero_per_filter = read_one_or_per_filter(json, "w_zero", codes.zero_points,
                                                  [&](const char* field) { return read_code(json, field); });
  if (json.has("output")) {
    layer.output = read_output(json.child("output"));
    layer.relu = layer.relu || layer.output->relu;
  }
  layer.codes = std::move(codes);
}

ArrayFields read_codes(JsonReader& json, DenseLayer& layer) {
  ArrayFields fields{
      .weight_axes = json.text("weight_axes"), .input_axes = json.text("input_axes"), .input_dtype = {}};
  check_axes(fields.weight_axes, weight_file_axes(layer.kind), json.where("weight_axes"));
  const std::string all = input_file_axes(layer.kind);
  const bool single = fields.input_axes.find('N') == std::string::npos;
  check_axes(fields.input_axes, single ? all.substr(1) : all, json.where("input_axes"));
  layer.activation_scale = json.real("a_scale");
  check_scale(layer.activation_scale, json.where("a_scale"));
  layer.activation_zero_point = read_code(json, "a_zero");
  if (json.has("a_dtype")) fields.input_dtype = parse_dtype(json.text("a_dtype"), json.where("a_dtype"));
  if (json.has("w_dtype"))
    read_weight_codes(json, layer, fields);
  else if (json.has("w_scale"))
    check_scale(json.real("w_scale"), json.where("w_scale"));  // the author's own
  return fields;
}

bool known(const std::string& schema) {
  return schema == dense_network_schema || schema == first_network_schema;
}

class DenseReader {
 public:
  explicit DenseReader(const std::filesystem::path& file) : archive_(file) {}

  DenseNetwork read() {
    const nlohmann::json document =
        parse_json(archive_.read("network.json", json_limit, "network.json"), "network.json");
    JsonReader json(document, "network.json");
    read_schema(json);
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
  void read_schema(JsonReader& json) {
    const std::string schema = json.text("schema");
    if (!known(schema)) {
      const bool is_trace = schema.starts_with("basil-trace/");
      throw Error(json.where("schema"), "'" + schema + "'",
                  fmt::format("'{}' or '{}'{}", dense_network_schema, first_network_schema,
                              is_trace ? "; this file is a trace already" : ""));
    }
    names_axes_ = schema != first_network_schema;
  }

  DenseLayer read_layer(const nlohmann::json& entry, std::size_t index, const DenseLayer* before) {
    JsonReader json(entry, fmt::format("layers[{}]", index));
    DenseLayer layer;
    ArrayFields fields;
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
      fields = names_axes_ ? read_codes(json, layer) : read_scales(json, layer);
    } else {
      read_listed(json, layer, before);
    }
    check_shape(layer);
    read_ofmap(json, layer.shape);
    json.done();
    if (!names_.insert(layer.name).second)
      throw Error("layer " + layer.name, "a second layer of that name", "names that differ");
    if (layer.simulated()) read_arrays(archive_, fields, layer);
    return layer;
  }

  NpzReader archive_;
  std::set<std::string> names_;
  bool names_axes_ = true;  // the file does, and may hold codes
};

}  // namespace

bool is_dense_network(const std::filesystem::path& file) {
  try {
    NpzReader archive(file);
    if (!archive.contains("network.json")) return false;
    const nlohmann::json network =
        parse_json(archive.read("network.json", json_limit, "network.json"), "network.json");
    const nlohmann::json schema = network.is_object() ? network.value("schema", nlohmann::json()) : network;
    return schema.is_string() && known(schema.get<std::string>());
  } catch (const Error&) { return false; }
}

DenseNetwork read_dense_network(const std::filesystem::path& file) {
  try {
    return DenseReader(file).read();
  } catch (const Error& error) { throw error.within(name_in_messages(file)); }
}

}  // namespace basil
