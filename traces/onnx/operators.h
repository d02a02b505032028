// Operators that carry no weights and are no layers: elementwise ones and those that move or reshape.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traces/onnx/call.h"

namespace basil::onnx_import {

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
