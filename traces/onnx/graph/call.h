// A node of an ONNX graph about to be executed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {

// A node with the values of its inputs, and which of them the model holds itself.
class Call {
 public:
  Call(const Node& node, std::vector<const Tensor*> inputs, std::vector<bool> constant = {})
      : node_(node), inputs_(std::move(inputs)), constant_(std::move(constant)) {}

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::string where() const { return node_.where(); }
  [[nodiscard]] std::size_t inputs() const { return inputs_.size(); }
  // Null where the input is left out.
  [[nodiscard]] const Tensor* optional(std::size_t index) const {
    return index < inputs_.size() ? inputs_[index] : nullptr;
  }
  [[nodiscard]] bool is_constant(std::size_t index) const {
    return index < constant_.size() && constant_[index];
  }
  // Throws Error where the input is left out.
  [[nodiscard]] const Tensor& operator[](std::size_t index) const;

 private:
  const Node& node_;
  std::vector<const Tensor*> inputs_;
  std::vector<bool> constant_;
};

}  // namespace basil::onnx_import
