// The graph of a protobuf message.
#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <algorithm>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/onnx/graph/graph.h"
#include "traces/onnx/graph/tensor_reader.h"

namespace basil::onnx_import {
namespace {

using onnx::AttributeProto;

constexpr std::int64_t greatest_file = (std::int64_t{1} << 31) - 1;
constexpr int deepest_nesting = 16;  // of graphs in nodes

bool is_own(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

// The domains that QONNX' operators had over the years are one.
std::string domain_prefix(const std::string& domain) {
  if (is_own(domain)) return "";
  for (const char* qonnx : {"qonnx.custom_op.general", "finn.custom_op.general", "finn", "onnx.brevitas"}) {
    if (domain == qonnx) return "qonnx.";
  }
  return domain + ".";
}

template <class List>
auto list_of(const List& list) {
  return std::vector<typename List::value_type>(list.begin(), list.end());
}

class GraphReader {
 public:
  GraphReader(onnx::ModelProto& model, const std::filesystem::path& file) : file_(file) {
    for (const auto& entry : model.opset_import()) {
      if (is_own(entry.domain())) opset_ = entry.version();
    }
    const std::string expected = fmt::format("{} to {}", oldest_opset, newest_opset);
    if (!opset_) throw Error("model", "no opset of ONNX' own operators", "opset " + expected);
    if (*opset_ < oldest_opset || *opset_ > newest_opset)
      throw Error("model", fmt::format("opset {}", *opset_), expected);
  }

  // Weights are let go as they are read.
  Graph read(onnx::GraphProto& proto, int depth = 0) const {
    if (depth > deepest_nesting) throw Error("graph", "graphs within graphs", "fewer of them");
    Graph graph;
    if (proto.sparse_initializer_size() > 0)
      throw Error("graph", "sparse initializers", "dense ones; Basil's own recipes make them sparse");
    for (onnx::TensorProto& tensor : *proto.mutable_initializer()) {
      const std::string where = "initializer " + printable(tensor.name());
      if (!graph.constants.emplace(tensor.name(), read_tensor(tensor, file_, where)).second)
        throw Error(where, "a second value of that name", "names that differ");
      tensor.clear_raw_data();
      tensor.clear_float_data();
    }
    for (onnx::NodeProto& entry : *proto.mutable_node()) {
      Node node = node_of(entry, depth);
      if (node.op == "Constant") {
        if (!graph.constants.emplace(node.outputs[0], constant_of(node)).second)
          throw Error(node.where(), "a second value of that name", "names that differ");
      } else {
        graph.nodes.push_back(std::move(node));
      }
    }
    for (const onnx::ValueInfoProto& input : proto.input()) {
      if (!graph.constants.contains(input.name())) graph.inputs.push_back(input_of(input));
    }
    for (const onnx::ValueInfoProto& output : proto.output()) graph.outputs.push_back(output.name());
    return graph;
  }

 private:
  [[nodiscard]] std::optional<Attribute> attribute_of(AttributeProto& proto, const std::string& where,
                                                      int depth) const {
    switch (proto.type()) {
      case AttributeProto::INT:
        return proto.i();
      case AttributeProto::FLOAT:
        return proto.f();
      case AttributeProto::STRING:
        return proto.s();
      case AttributeProto::INTS:
        return list_of(proto.ints());
      case AttributeProto::FLOATS:
        return list_of(proto.floats());
      case AttributeProto::STRINGS:
        return list_of(proto.strings());
      case AttributeProto::TENSOR:
        return std::make_shared<const Tensor>(read_tensor(proto.t(), file_, where));
      case AttributeProto::GRAPH:
        return std::make_shared<const Graph>(read(*proto.mutable_g(), depth + 1));
      default:
        return {};  // of operators that are not supported
    }
  }

  // A node without a name is known by what it makes.
  [[nodiscard]] Node node_of(onnx::NodeProto& proto, int depth) const {
    Node node;
    node.op = printable(domain_prefix(proto.domain()) + proto.op_type());
    node.opset = *opset_;
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    node.name = proto.name();
    for (const std::string& output : node.outputs) {
      if (node.name.empty()) node.name = output;
    }
    node.name = printable(node.name);
    if (node.outputs.empty() || std::all_of(node.outputs.begin(), node.outputs.end(),
                                            [](const std::string& output) { return output.empty(); }))
      throw Error(node.where(), "no output", "at least one output");
    for (AttributeProto& attribute : *proto.mutable_attribute()) {
      if (auto value = attribute_of(attribute, node.where() + ": " + printable(attribute.name()), depth))
        node.attributes[attribute.name()] = std::move(*value);
    }
    return node;
  }

  static Tensor constant_of(const Node& node) {
    if (node.outputs[0].empty()) throw Error(node.where(), "no output", "at least one output");
    if (const Tensor* value = node.tensor("value")) return *value;
    if (node.has("value_float"))
      return {.shape = {}, .elements = std::vector<float>{node.real("value_float", 0)}};
    if (node.has("value_int"))
      return {.shape = {}, .elements = std::vector<std::int64_t>{node.integer("value_int", 0)}};
    if (auto reals = node.reals("value_floats"))
      return {.shape = {static_cast<std::int64_t>(reals->size())}, .elements = std::move(*reals)};
    if (auto integers = node.integers("value_ints"))
      return {.shape = {static_cast<std::int64_t>(integers->size())}, .elements = std::move(*integers)};
    throw Error(node.where(), "no value that is a number", "value, value_float(s) or value_int(s)");
  }

  static GraphInput input_of(const onnx::ValueInfoProto& proto) {
    GraphInput input{.name = proto.name(), .shape = {}};
    const auto& tensor = proto.type().tensor_type();
    const std::string where = "graph input " + printable(input.name);
    if (!proto.type().has_tensor_type() && proto.has_type())
      throw Error(where, "no tensor", "tensors of numbers");
    if (tensor.elem_type() != 0) {
      const auto type = element_type(tensor.elem_type());
      if (!type) throw Error(where, fmt::format("data type {}", tensor.elem_type()), "numbers");
      input.type = *type;
    }
    if (!tensor.has_shape()) return input;
    input.shape.emplace();
    for (const auto& axis : tensor.shape().dim())
      input.shape->push_back(axis.dim_value() > 0 ? axis.dim_value() : -1);
    return input;
  }

  std::filesystem::path file_;
  std::optional<std::int64_t> opset_;
};

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
  onnx::ModelProto model = parse(file);
  Graph graph = GraphReader(model, file).read(*model.mutable_graph());
  describe(model, file, graph);
  return graph;
}

}  // namespace basil::onnx_import
