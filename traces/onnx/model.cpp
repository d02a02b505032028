#include "traces/onnx/model.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

#include "core/error.h"

namespace basil::onnx_import {
namespace {

inline constexpr std::int64_t most_file_bytes = std::int64_t{1} << 31;

template <class Stored>
void convert(const std::string& raw, Tensor& tensor, const std::string& where) {
  if (raw.size() != tensor.data.size() * sizeof(Stored)) {
    throw Error(where, std::to_string(raw.size()) + " bytes of raw data",
                std::to_string(tensor.data.size() * sizeof(Stored)) + " for its shape");
  }
  for (std::size_t i = 0; i < tensor.data.size(); ++i) {
    Stored value;
    std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
    tensor.data[i] = static_cast<float>(value);
  }
}

template <class List>
void copy_list(const List& list, Tensor& tensor, const std::string& where) {
  if (static_cast<std::size_t>(list.size()) != tensor.data.size()) {
    throw Error(where, std::to_string(list.size()) + " values",
                std::to_string(tensor.data.size()) + " for its shape");
  }
  for (std::size_t i = 0; i < tensor.data.size(); ++i)
    tensor.data[i] = static_cast<float>(list[static_cast<int>(i)]);
}

Tensor tensor_of(const onnx::TensorProto& proto, const std::string& where) {
  if (proto.data_location() == onnx::TensorProto::EXTERNAL)
    throw Error(where, "data in another file", "a model that holds its weights");
  Tensor tensor;
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  const std::int64_t count = checked_elements(tensor.shape, where);
  // Elements that the message cannot hold are refused before they are allocated.
  if (static_cast<std::uint64_t>(count) > proto.ByteSizeLong())
    throw Error(where, "fewer values than its shape says", std::to_string(count));
  tensor.data.resize(static_cast<std::size_t>(count));
  const bool raw = proto.has_raw_data();
  switch (proto.data_type()) {
    case onnx::TensorProto::FLOAT:
      raw ? convert<float>(proto.raw_data(), tensor, where) : copy_list(proto.float_data(), tensor, where);
      break;
    case onnx::TensorProto::DOUBLE:
      raw ? convert<double>(proto.raw_data(), tensor, where) : copy_list(proto.double_data(), tensor, where);
      break;
    case onnx::TensorProto::INT64:
      raw ? convert<std::int64_t>(proto.raw_data(), tensor, where)
          : copy_list(proto.int64_data(), tensor, where);
      break;
    case onnx::TensorProto::INT32:
      raw ? convert<std::int32_t>(proto.raw_data(), tensor, where)
          : copy_list(proto.int32_data(), tensor, where);
      break;
    default:
      throw Error(where, "data type " + std::to_string(proto.data_type()), "float, double, int32 or int64");
  }
  for (const float value : tensor.data) {
    if (!std::isfinite(value)) throw Error(where, "a value that is not finite", "finite numbers");
  }
  return tensor;
}

Node node_of(const onnx::NodeProto& proto) {
  Node node{.name = proto.name(),
            .op = proto.op_type(),
            .inputs = {proto.input().begin(), proto.input().end()},
            .outputs = {proto.output().begin(), proto.output().end()},
            .integers = {},
            .reals = {},
            .texts = {},
            .value = {}};
  for (const onnx::AttributeProto& attribute : proto.attribute()) {
    switch (attribute.type()) {
      case onnx::AttributeProto::INT:
        node.integers[attribute.name()] = {attribute.i()};
        break;
      case onnx::AttributeProto::INTS:
        node.integers[attribute.name()] = {attribute.ints().begin(), attribute.ints().end()};
        break;
      case onnx::AttributeProto::FLOAT:
        node.reals[attribute.name()] = attribute.f();
        break;
      case onnx::AttributeProto::STRING:
        node.texts[attribute.name()] = attribute.s();
        break;
      case onnx::AttributeProto::TENSOR:
        node.value = tensor_of(attribute.t(), node.where());
        break;
      default:
        break;
    }
  }
  return node;
}

void read_input(const onnx::GraphProto& graph, Model& model) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (!model.constants.contains(input.name())) inputs.push_back(&input);
  }
  if (inputs.size() != 1)
    throw Error("graph inputs", std::to_string(inputs.size()), "one that is not a constant");
  model.input = inputs[0]->name();
  for (const auto& dimension : inputs[0]->type().tensor_type().shape().dim())
    model.input_shape.push_back(dimension.has_dim_value() && dimension.dim_value() > 0 ? dimension.dim_value()
                                                                                       : -1);
}

}  // namespace

std::int64_t Node::integer(const std::string& key, std::int64_t otherwise) const {
  const auto found = integers.find(key);
  return found == integers.end() || found->second.empty() ? otherwise : found->second[0];
}

float Node::real(const std::string& key, float otherwise) const {
  const auto found = reals.find(key);
  return found == reals.end() ? otherwise : found->second;
}

std::string Node::text(const std::string& key, const std::string& otherwise) const {
  const auto found = texts.find(key);
  return found == texts.end() ? otherwise : found->second;
}

Model read_model(const std::filesystem::path& file) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(file, problem);
  std::ifstream in(file, std::ios::binary);
  if (problem || !in) throw Error("", "cannot be opened", "a readable .onnx file");
  if (size >= static_cast<std::uintmax_t>(most_file_bytes))
    throw Error("", std::to_string(size) + " bytes", "less than 2 GB");
  onnx::ModelProto proto;
  google::protobuf::SetLogHandler(nullptr);
  if (!proto.ParseFromIstream(&in) || !proto.has_graph())
    throw Error("", "not an ONNX model", "a protobuf ModelProto with a graph");
  Model model;
  model.name = proto.graph().name().empty() ? file.stem().string() : proto.graph().name();
  model.producer = proto.producer_name();
  for (const onnx::TensorProto& initialiser : proto.graph().initializer())
    model.constants[initialiser.name()] = tensor_of(initialiser, "initializer " + initialiser.name());
  for (const onnx::NodeProto& node : proto.graph().node()) model.nodes.push_back(node_of(node));
  read_input(proto.graph(), model);
  return model;
}

}  // namespace basil::onnx_import
