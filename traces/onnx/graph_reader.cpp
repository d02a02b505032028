// The only file that knows protobuf.
#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/file/npy.h"
#include "traces/onnx/graph.h"

namespace basil::onnx_import {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

constexpr std::int64_t greatest_file = (std::int64_t{1} << 31) - 1;

// IEEE half precision; subnormals, infinities and NaN included.
float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                  : std::ldexp(static_cast<float>(fraction | 0x400), exponent - 25);
  if (exponent == 0x1f) magnitude = fraction == 0 ? INFINITY : NAN;
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

// How the elements of a tensor lie in the message: packed bytes, or one of protobuf's lists.
class TensorReader {
 public:
  TensorReader(const TensorProto& proto, std::string where) : proto_(proto), where_(std::move(where)) {}

  Tensor read() {
    if (proto_.data_location() == TensorProto::EXTERNAL || proto_.external_data_size() > 0)
      throw Error(where_, "weights in another file", "a model that holds its weights itself");
    if (proto_.has_segment()) throw Error(where_, "a segment of a tensor", "a whole tensor");
    Axes shape(proto_.dims().begin(), proto_.dims().end());
    count_ = elements_of(shape, where_);
    return {.shape = std::move(shape), .elements = elements()};
  }

 private:
  [[nodiscard]] decltype(Tensor::elements) elements() const {
    switch (proto_.data_type()) {
      case TensorProto::FLOAT:
        return finite(take<float, float>(proto_.float_data()));
      case TensorProto::DOUBLE:
        return finite(take<double, float>(proto_.double_data()));
      case TensorProto::FLOAT16:
        return finite(take<std::uint16_t, float>(proto_.int32_data(), from_half));
      case TensorProto::BFLOAT16:
        return finite(take<std::uint16_t, float>(proto_.int32_data(), from_bfloat));
      case TensorProto::INT64:
        return take<std::int64_t, std::int64_t>(proto_.int64_data());
      case TensorProto::INT32:
        return take<std::int32_t, std::int64_t>(proto_.int32_data());
      default:
        throw Error(where_, "data type " + type_name(), "float, double, float16, bfloat16, int64 or int32");
    }
  }

  template <class Stored, class Element, class List, class Convert = Element (*)(Stored)>
  [[nodiscard]] std::vector<Element> take(
      const List& list, Convert convert = [](Stored value) { return static_cast<Element>(value); }) const {
    const std::string& raw = proto_.raw_data();
    const bool packed = !raw.empty();
    if (packed && std::endian::native != std::endian::little)
      throw Error(where_, "raw data", "a little-endian machine");
    const auto held = packed ? static_cast<std::int64_t>(raw.size() / sizeof(Stored))
                             : static_cast<std::int64_t>(list.size());
    if (held != count_ || (packed && raw.size() % sizeof(Stored) != 0)) {
      throw Error(where_, packed ? fmt::format("{} bytes", raw.size()) : fmt::format("{} values", held),
                  fmt::format("{} values for its shape", count_));
    }
    std::vector<Element> elements(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Stored value;
      if (packed) {
        std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
      } else {
        value = static_cast<Stored>(list[static_cast<int>(i)]);
      }
      elements[i] = convert(value);
    }
    return elements;
  }

  [[nodiscard]] std::vector<float> finite(std::vector<float> values) const {
    for (const float value : values) {
      if (!std::isfinite(value)) throw Error(where_, fmt::format("{}", value), "finite numbers");
    }
    return values;
  }

  [[nodiscard]] std::string type_name() const {
    return TensorProto::DataType_IsValid(proto_.data_type())
               ? TensorProto::DataType_Name(static_cast<TensorProto::DataType>(proto_.data_type()))
               : std::to_string(proto_.data_type());
  }

  const TensorProto& proto_;
  std::string where_;
  std::int64_t count_ = 0;
};

std::optional<Attribute> attribute_of(const AttributeProto& proto) {
  switch (proto.type()) {
    case AttributeProto::INT:
      return proto.i();
    case AttributeProto::FLOAT:
      return proto.f();
    case AttributeProto::STRING:
      return proto.s();
    case AttributeProto::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    default:
      return {};  // tensors belong to Constant, graphs and the rest to operators that are not supported
  }
}

// A node without a name is known by what it makes.
Node node_of(const onnx::NodeProto& proto) {
  Node node;
  node.op = printable(proto.op_type());
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  node.name = printable(!proto.name().empty() || node.outputs.empty() ? proto.name() : node.outputs[0]);
  if (node.outputs.empty() || node.outputs[0].empty())
    throw Error(node.where(), "no output", "at least one output");
  if (!proto.domain().empty() && proto.domain() != "ai.onnx")
    throw Error(node.where(), "an operator of domain " + printable(proto.domain()), "ONNX' own operators");
  for (const AttributeProto& attribute : proto.attribute()) {
    if (auto value = attribute_of(attribute)) node.attributes[attribute.name()] = std::move(*value);
  }
  return node;
}

Tensor constant_of(const onnx::NodeProto& proto, const Node& node) {
  for (const AttributeProto& a : proto.attribute()) {
    if (a.name() == "value") return TensorReader(a.t(), node.where()).read();
    if (a.name() == "value_float") return {.shape = {}, .elements = std::vector<float>{a.f()}};
    if (a.name() == "value_int") return {.shape = {}, .elements = std::vector<std::int64_t>{a.i()}};
    if (a.name() == "value_floats")
      return {.shape = {a.floats_size()},
              .elements = std::vector<float>(a.floats().begin(), a.floats().end())};
    if (a.name() == "value_ints")
      return {.shape = {a.ints_size()},
              .elements = std::vector<std::int64_t>(a.ints().begin(), a.ints().end())};
  }
  throw Error(node.where(), "no value that is a number", "value, value_float(s) or value_int(s)");
}

void read_nodes(const onnx::GraphProto& proto, Graph& graph) {
  for (const onnx::NodeProto& entry : proto.node()) {
    Node node = node_of(entry);
    if (node.op == "Constant") {
      if (!graph.constants.emplace(node.outputs[0], constant_of(entry, node)).second)
        throw Error(node.where(), "a second value of that name", "names that differ");
    } else {
      graph.nodes.push_back(std::move(node));
    }
  }
}

void read_input(const onnx::GraphProto& proto, Graph& graph) {
  const onnx::ValueInfoProto* input = nullptr;
  for (const onnx::ValueInfoProto& entry : proto.input()) {
    if (graph.constants.contains(entry.name())) continue;
    if (input != nullptr)
      throw Error("graph input " + printable(entry.name()), "a second input", "a graph of one input");
    input = &entry;
  }
  if (input == nullptr) throw Error("graph", "no input", "a graph of one input");
  if (!input->type().tensor_type().has_shape())
    throw Error("graph input " + printable(input->name()), "no shape", "a tensor of known rank");
  graph.input = input->name();
  for (const auto& axis : input->type().tensor_type().shape().dim())
    graph.input_shape.push_back(axis.dim_value() > 0 ? axis.dim_value() : -1);
}

void describe(const onnx::ModelProto& model, const std::filesystem::path& file, Graph& graph) {
  const std::string& own = model.graph().name();
  graph.name = printable(own.empty() ? file.stem().string() : own);
  graph.source = "ONNX model " + printable(file.filename().string());
  if (!model.producer_name().empty()) {
    graph.source += printable(", made by " + model.producer_name() +
                              (model.producer_version().empty() ? "" : " " + model.producer_version()));
  }
  for (const auto& entry : model.metadata_props()) {
    if (entry.key() == "license" || entry.key() == "licence" || entry.key() == "model_license")
      graph.licence = printable(entry.value());
  }
}

onnx::ModelProto parse(const std::filesystem::path& file) {
  const std::string bytes = read_file(file, greatest_file, "an ONNX model");
  const google::protobuf::LogSilencer quiet;
  onnx::ModelProto model;
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  if (!model.ParsePartialFromZeroCopyStream(&stream) || !model.has_graph())
    throw Error("", "not an ONNX model, or a damaged one", "a protobuf message with a graph");
  return model;
}

}  // namespace

Graph read_graph(const std::filesystem::path& file) {
  const onnx::ModelProto model = parse(file);
  const onnx::GraphProto& proto = model.graph();
  Graph graph;
  describe(model, file, graph);
  if (proto.sparse_initializer_size() > 0)
    throw Error("graph", "sparse initializers", "dense ones; Basil's own recipes make them sparse");
  for (const TensorProto& tensor : proto.initializer()) {
    const std::string where = "initializer " + printable(tensor.name());
    if (!graph.constants.emplace(tensor.name(), TensorReader(tensor, where).read()).second)
      throw Error(where, "a second value of that name", "names that differ");
  }
  read_nodes(proto, graph);
  read_input(proto, graph);
  for (const onnx::ValueInfoProto& output : proto.output()) graph.outputs.push_back(output.name());
  return graph;
}

}  // namespace basil::onnx_import
