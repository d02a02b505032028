// read_trace: one .npz to a checked trace.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/limits.h"
#include "traces/file/json_reader.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/trace_file.h"
#include "traces/file/trace_parts.h"

namespace basil {
namespace {

constexpr const char* network_member = "network.json";
constexpr std::int64_t greatest_json = std::int64_t{16} << 20;  // bytes

// One reading of one file. Whatever is absent, of the wrong shape, or left over is an Error.
class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& file) : file_(file) {}

  Trace read() {
    if (!file_.contains(network_member))
      throw Error("", "no member network.json", "a trace (" + schema() + ")");
    const nlohmann::json network =
        parse_json(file_.read(network_member, greatest_json, network_member), network_member);
    JsonReader json(network, "network.json");
    check_schema(json);
    Trace trace;
    trace.name = json.text("name");
    trace.source = json.text("source", "");
    trace.licence = json.text("licence", "");
    trace.activations = json.text("activations", "");
    trace.history = json.text("history", "");
    if (json.has("synthetic_seed")) trace.synthetic_seed = json.unsigned_integer("synthetic_seed");
    const nlohmann::json& layers = json.list("layers");
    json.done();
    std::set<std::string> names;
    for (const nlohmann::json& layer : layers) {
      trace.layers.push_back(read_layer(layer, trace.layers.size()));
      if (!names.insert(trace.layers.back().name).second) check(trace);  // says which name is there twice
    }
    refuse_spare_members();
    return trace;
  }

 private:
  static std::string schema() { return std::string("schema ") + trace_schema; }

  static void check_schema(JsonReader& json) {
    const std::string found = json.text("schema");
    if (found == trace_schema) return;
    const std::string family = "basil-trace/";
    int version = 0;
    if (found.starts_with(family)) {
      std::from_chars(found.data() + family.size(), found.data() + found.size(), version);
    }
    if (version == 1)
      throw Error(json.where("schema"), "'" + found + "', of an earlier version",
                  std::string(trace_schema) + ": make it again, by 'basil compress' of its network");
    if (version > 2) {
      throw Error(json.where("schema"), "'" + found + "', newer than this program", trace_schema);
    }
    if (found.starts_with("dense-network/"))
      throw Error(json.where("schema"), "'" + found + "', a network before compression",
                  std::string(trace_schema) + ": compress it first, by 'basil compress'");
    throw Error(json.where("schema"), "'" + found + "'", trace_schema);
  }

  Layer read_layer(const nlohmann::json& value, std::size_t index) {
    JsonReader json(value, fmt::format("layers[{}]", index));
    Layer layer;
    layer.name = json.text("name");
    const std::string where = "layer " + layer.name + ": ";
    json.rename(where);
    layer.kind = parse_kind(json.text("kind"), json.where("kind"));
    layer.shape = read_shape(json.child("shape"));
    layer.output = read_output(json.child("output"));
    if (!layer.simulated()) {
      json.done();
      check(layer);
      return layer;
    }
    const LayerShape& s = layer.shape;
    layer.weights = read_operand_fields(json.child("weights"), weight_axes);
    layer.ifmap = read_operand_fields(json.child("ifmap"), ifmap_axes);
    const bool bias = json.flag("bias", false);
    json.done();
    check_shape(layer);  // before anything of that size is read
    layer.weights.extent = {s.K, s.R, s.S, s.channels_per_group()};
    layer.ifmap.extent = {s.N, s.H, s.W, s.C};
    read_operand(layer.name, "weights", layer.weights);
    read_operand(layer.name, "ifmap", layer.ifmap);
    if (bias) read_bias(layer);
    read_factors(file_, layer.name, layer.shape.K, layer.output);
    check(layer);
    return layer;
  }

  static LayerShape read_shape(JsonReader json) {
    LayerShape s;
    const auto axis = [&json](const char* field) { return json.integer(field, 1, greatest_dimension, 1); };
    const auto pair = [&json](const char* field) {
      return json.integers(field, 1, greatest_dimension, {1, 1});
    };
    s.N = axis("N");
    s.C = axis("C");
    s.H = axis("H");
    s.W = axis("W");
    s.K = axis("K");
    s.R = axis("R");
    s.S = axis("S");
    s.groups = axis("groups");
    const std::vector<int> stride = pair("stride");
    const std::vector<int> dilation = pair("dilation");
    const std::vector<int> padding = json.integers("padding", 0, greatest_dimension, {0, 0, 0, 0});
    json.done();
    s.stride_y = stride[0], s.stride_x = stride[1];
    s.dilation_y = dilation[0], s.dilation_x = dilation[1];
    s.pad_top = padding[0], s.pad_bottom = padding[1], s.pad_left = padding[2], s.pad_right = padding[3];
    return s;
  }

  // Whether an array holds one of the field for each filter.
  static bool read_per_filter(JsonReader& json, const char* field) {
    if (!json.is_text(field)) return false;
    const std::string word = json.text(field);
    if (word == per_filter) return true;
    throw Error(json.where(field), "'" + word + "'", fmt::format("a number or '{}'", per_filter));
  }

  // Everything but extent and parts. `scales` and the zero points are left empty where an array holds them.
  static Operand read_operand_fields(JsonReader json, const std::string& axes) {
    Operand operand;
    if (const std::string given = json.text("axes"); given != axes)
      throw Error(json.where("axes"), "'" + given + "'",
                  "'" + axes + "': the order of positions, the last fastest");
    operand.encoding = parse_encoding(json.text("encoding"), json.where("encoding"));
    operand.dtype = parse_dtype(json.text("dtype"), json.where("dtype"));
    for (const EncodingField& field : operand.encoding->fields)
      field.set(operand, json.integer(std::string(field.name), field.min, field.max));
    if (only_weights(operand.encoding) && operand.dtype == Dtype::fp32) {
      throw Error(json.where("dtype"), "fp32", "an integer dtype with this encoding");
    }
    if (read_per_filter(json, "scale")) {
      operand.scales.clear();
    } else {
      operand.scales = {json.real("scale")};
    }
    if (json.has("codes")) {
      operand.codes = Codes{.dtype = parse_dtype(json.text("codes"), json.where("codes"))};
      if (read_per_filter(json, "zero_point")) {
        operand.codes->zero_points.clear();
      } else {
        operand.codes->zero_points = {read_code(json, "zero_point")};
      }
    }
    json.done();
    return operand;
  }

  void read_operand(const std::string& layer, const std::string& part, Operand& operand) {
    read_parts(file_, layer, part, operand);
    if (operand.scales.empty())
      operand.scales = read_list<float>(layer, part + ".scale", operand.extent.outer);
    if (operand.codes && operand.codes->zero_points.empty())
      operand.codes->zero_points = read_list<std::int32_t>(layer, part + ".zero_point", operand.extent.outer);
  }

  template <class T>
  std::vector<T> read_list(const std::string& layer, const std::string& part, std::int64_t length) {
    const std::string where = "layer " + layer + ": " + part;
    const NpyArray array =
        file_.read_array(member_name(layer, part), length * static_cast<std::int64_t>(sizeof(T)), where);
    array.expect(npy_dtype<T>(), {length}, where);
    return array.as<T>();
  }

  void read_bias(Layer& layer) {
    if (layer.weights.is_real()) {
      layer.bias_real = read_list<float>(layer.name, "bias", layer.shape.K);
    } else {
      layer.bias = read_list<std::int64_t>(layer.name, "bias", layer.shape.K);
    }
  }

  void refuse_spare_members() const {
    const std::vector<std::string> spare = file_.unread();
    if (!spare.empty()) throw Error(spare[0], "a member that no layer names", "only what network.json names");
  }

  NpzReader file_;
};

}  // namespace

Trace read_trace(const std::filesystem::path& file) {
  try {
    return TraceReader(file).read();
  } catch (const Error& error) { throw error.within(name_in_messages(file)); }
}

}  // namespace basil
