// Operators that carry no weights and are no layers: elementwise ones and those that move or reshape.
#pragma once

#include <map>
#include <string>
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

// The first output of a node. Throws Error "node NAME (OP): ..." for inputs that do not fit.
using Operator = Tensor (*)(const Call&);
using Operators = std::map<std::string, Operator>;

[[nodiscard]] const Operators& elementwise_operators();
[[nodiscard]] const Operators& shape_operators();
// Both of these; null for an operator that is not among them.
[[nodiscard]] Operator find_operator(const std::string& op);

// Throws Error, with all that is supported, unless every node of the graph can be executed.
void check_supported(const Graph& graph);

}  // namespace basil::onnx_import
