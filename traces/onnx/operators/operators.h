// Operators that carry no weights and are no layers, one table a file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traces/onnx/graph/call.h"

namespace basil::onnx_import {

// What runs a node: a function of its first output, or of all of them (as many as the node names, or fewer
// where those behind are not computed). Throws Error "node NAME (OP): ..." for inputs that do not fit, and
// for what its opset says and Basil does not follow.
class Operator {
 public:
  using First = Tensor (*)(const Call&);
  using All = std::vector<Tensor> (*)(const Call&);

  // Both implicit: tables name a function alone.
  Operator(First first) : first_(first) {}  // NOLINT(google-explicit-constructor)
  Operator(All all) : all_(all) {}          // NOLINT(google-explicit-constructor)

  [[nodiscard]] std::vector<Tensor> operator()(const Call& call) const;

 private:
  First first_ = nullptr;
  All all_ = nullptr;
};

using Operators = std::map<std::string, Operator>;

[[nodiscard]] const Operators& arithmetic_operators();
[[nodiscard]] const Operators& cast_operators();
[[nodiscard]] const Operators& elementwise_operators();
[[nodiscard]] const Operators& gather_operators();
[[nodiscard]] const Operators& move_operators();
[[nodiscard]] const Operators& normalise_operators();
[[nodiscard]] const Operators& order_operators();
[[nodiscard]] const Operators& quantise_operators();
[[nodiscard]] const Operators& qonnx_operators();
[[nodiscard]] const Operators& reduce_operators();
[[nodiscard]] const Operators& resize_operators();
[[nodiscard]] const Operators& shape_operators();
[[nodiscard]] const Operators& slice_operators();

// All of these by name; null for an operator that is not among them.
[[nodiscard]] const Operators& all_operators();
[[nodiscard]] const Operator* find_operator(const std::string& op);

}  // namespace basil::onnx_import
