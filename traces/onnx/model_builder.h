// For tests: ONNX models made through protobuf, with seeded weights, and imported from a file.
#pragma once

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/error.h"
#include "traces/onnx/import.h"
#include "traces/testing/trace_surgery.h"

namespace basil::testing {

using Dims = std::vector<std::int64_t>;
using Setting = std::variant<std::int64_t, float, std::string, Dims>;
using Settings = std::vector<std::pair<std::string, Setting>>;

class ModelBuilder {
 public:
  // The input is named "x"; an axis of 0 is left free.
  explicit ModelBuilder(const Dims& input, std::uint64_t seed = 7) : random_(seed) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(13);
    model_.mutable_graph()->set_name("built");
    this->input("x", input);
  }

  void opset(std::int64_t version) { model_.mutable_opset_import(0)->set_version(version); }

  std::string input(const std::string& name, const Dims& input, int element_type = onnx::TensorProto::FLOAT) {
    auto* value = model_.mutable_graph()->add_input();
    value->set_name(name);
    auto* type = value->mutable_type()->mutable_tensor_type();
    type->set_elem_type(element_type);
    (void)type->mutable_shape();  // of a scalar: there, and empty
    for (const std::int64_t axis : input) {
      auto* dim = type->mutable_shape()->add_dim();
      if (axis > 0) {
        dim->set_dim_value(axis);
      } else {
        dim->set_dim_param("batch");
      }
    }
    return name;
  }

  [[nodiscard]] onnx::ModelProto& model() { return model_; }
  [[nodiscard]] onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  [[nodiscard]] std::string bytes() const { return model_.SerializeAsString(); }

  // Values in [least, most), 24 bits of each draw.
  std::vector<float> draw(const Dims& dims, float least = -1, float most = 1) {
    std::size_t count = 1;
    for (const std::int64_t axis : dims) count *= static_cast<std::size_t>(axis);
    std::vector<float> values(count);
    for (float& value : values)
      value = least + (most - least) * (static_cast<float>(random_() >> 40) * 0x1p-24F);
    return values;
  }

  std::string constant(const std::string& name, const Dims& dims, const std::vector<float>& values) {
    auto* tensor = add_tensor(name, dims, onnx::TensorProto::FLOAT);
    tensor->set_raw_data(values.data(), values.size() * sizeof(float));
    return name;
  }
  std::string constant(const std::string& name, const Dims& dims) { return constant(name, dims, draw(dims)); }
  std::string integers(const std::string& name, const Dims& values) {
    auto* tensor = add_tensor(name, {static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64);
    for (const std::int64_t value : values) tensor->add_int64_data(value);
    return name;
  }
  // Of any integer type of 32 bits or fewer.
  std::string integers(const std::string& name, const Dims& dims, int type, const Dims& values) {
    auto* tensor = add_tensor(name, dims, type);
    for (const std::int64_t value : values) tensor->add_int32_data(static_cast<std::int32_t>(value));
    return name;
  }
  onnx::TensorProto* add_tensor(const std::string& name, const Dims& dims, int type) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const std::int64_t axis : dims) tensor->add_dims(axis);
    return tensor;
  }

  // Returns the name of its output, which is also the node's.
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const Settings& settings = {}) {
    auto* node = graph().add_node();
    node->set_op_type(op);
    node->set_name(op + std::to_string(graph().node_size()));
    for (const std::string& input : inputs) node->add_input(input);
    for (const auto& [name, setting] : settings) set(*node->add_attribute(), name, setting);
    node->add_output(node->name());
    return node->name();
  }

 private:
  static void set(onnx::AttributeProto& attribute, const std::string& name, const Setting& setting) {
    attribute.set_name(name);
    if (const auto* integer = std::get_if<std::int64_t>(&setting)) {
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(*integer);
    } else if (const auto* real = std::get_if<float>(&setting)) {
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(*real);
    } else if (const auto* text = std::get_if<std::string>(&setting)) {
      attribute.set_type(onnx::AttributeProto::STRING);
      attribute.set_s(*text);
    } else {
      attribute.set_type(onnx::AttributeProto::INTS);
      for (const std::int64_t number : std::get<Dims>(setting)) attribute.add_ints(number);
    }
  }

  onnx::ModelProto model_;
  std::mt19937_64 random_;
};

// Imports the model on a float32 input of the given shape, or on the seeded random one.
inline DenseNetwork import_bytes(const std::string& bytes) {
  const Scratch folder;
  store(folder / "model.onnx", bytes);
  return read_onnx(folder / "model.onnx", {});
}

inline DenseNetwork import_on(const std::string& bytes, const std::vector<float>& input, const Dims& dims) {
  const Scratch folder;
  store(folder / "model.onnx", bytes);
  store(folder / "image.npy", NpyArray::of(std::span<const float>(input), dims).member());
  return read_onnx(folder / "model.onnx", {.inputs = {{"", folder / "image.npy"}}});
}

// What the person is told; empty where the model is taken.
inline std::string refusal(const std::string& bytes) {
  try {
    (void)import_bytes(bytes);
    return "";
  } catch (const Error& error) { return error.what(); }
}

}  // namespace basil::testing
