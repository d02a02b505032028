// fold_constants: exporters pass weights and shapes through Identity, Transpose, Unsqueeze, Concat.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/onnx/filters.h"
#include "traces/onnx/operators.h"

namespace basil::onnx_import {
namespace {

bool is_constant(const Graph& graph, const Node& node) {
  return find_operator(node.op) != nullptr &&
         std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&](const std::string& name) { return name.empty() || graph.constants.contains(name); });
}

Tensor evaluate(const Graph& graph, const Node& node) {
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs)
    inputs.push_back(name.empty() ? nullptr : &graph.constants.at(name));
  return find_operator(node.op)(Call(node, std::move(inputs)));
}

}  // namespace

void fold_constants(Graph& graph) {
  std::int64_t computed = 0;
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    if (!is_constant(graph, node)) {
      kept.push_back(std::move(node));
      continue;
    }
    Tensor value = evaluate(graph, node);
    if ((computed += value.size()) > greatest_tensor)
      throw Error(node.where(), "more computed constants than memory is set apart for",
                  fmt::format("at most {} elements together", greatest_tensor));
    if (!graph.constants.emplace(node.outputs[0], std::move(value)).second || node.outputs[0] == graph.input)
      throw Error(node.where(), "a second value of its output's name", "names that differ");
  }
  graph.nodes = std::move(kept);
}

}  // namespace basil::onnx_import
