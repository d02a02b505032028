// An ONNX graph without protobuf: nodes in order, constants as float tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "traces/onnx/tensor.h"

namespace basil::onnx_import {

struct Node {
  std::string name, op;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::vector<std::int64_t>> integers;  // attributes, single ones as lists of one
  std::map<std::string, float> reals;
  std::map<std::string, std::string> texts;
  Tensor value;  // of a Constant

  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
  [[nodiscard]] float real(const std::string& key, float otherwise) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  [[nodiscard]] std::string where() const {
    return "node " + (name.empty() ? outputs.empty() ? op : outputs[0] : name) + " (" + op + ")";
  }
};

struct Model {
  std::string name, producer;
  std::string input;                      // the graph's one input that is not a constant
  std::vector<std::int64_t> input_shape;  // -1 where it is free
  std::vector<Node> nodes;
  std::map<std::string, Tensor> constants;
};

// Errors for what is not an ONNX model, or holds tensors of another kind than float, int64 or int32.
[[nodiscard]] Model read_model(const std::filesystem::path& file);

}  // namespace basil::onnx_import
