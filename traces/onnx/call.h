// A node of an ONNX graph about to be executed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "traces/onnx/graph.h"

namespace basil::onnx_import {

// A node with the values of its inputs.
class Call {
 public:
  Call(const Node& node, std::vector<const Tensor*> inputs) : node_(node), inputs_(std::move(inputs)) {}

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::string where() const { return node_.where(); }
  [[nodiscard]] std::size_t inputs() const { return inputs_.size(); }
  // Null where the input is left out.
  [[nodiscard]] const Tensor* optional(std::size_t index) const {
    return index < inputs_.size() ? inputs_[index] : nullptr;
  }
  // Throws Error where the input is left out.
  [[nodiscard]] const Tensor& operator[](std::size_t index) const;

 private:
  const Node& node_;
  std::vector<const Tensor*> inputs_;
};

}  // namespace basil::onnx_import
