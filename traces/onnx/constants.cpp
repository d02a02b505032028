// fold_constants: exporters pass weights and shapes through Identity, Transpose, Unsqueeze, Concat.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/onnx/filters.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

bool is_constant(const Graph& graph, const Node& node) {
  return find_operator(node.op) != nullptr &&
         std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&](const std::string& name) { return name.empty() || graph.constants.contains(name); });
}

std::vector<Tensor> evaluate(const Graph& graph, const Node& node) {
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs)
    inputs.push_back(name.empty() ? nullptr : &graph.constants.at(name));
  try {
    return (*find_operator(node.op))(Call(node, std::move(inputs)));
  } catch (const Error&) { return {}; }
}

}  // namespace

void fold_constants(Graph& graph) {
  std::int64_t computed = 0;
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    std::vector<Tensor> values;
    if (is_constant(graph, node)) values = evaluate(graph, node);
    if (values.empty() || values.size() < node.outputs.size()) {
      kept.push_back(std::move(node));
      continue;
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.makes(i)) continue;
      if ((computed += values[i].size()) > greatest_tensor)
        throw Error(node.where(), "more computed constants than memory is set apart for",
                    fmt::format("at most {} elements together", greatest_tensor));
      const bool is_input =
          std::any_of(graph.inputs.begin(), graph.inputs.end(),
                      [&](const GraphInput& input) { return input.name == node.outputs[i]; });
      if (is_input || !graph.constants.emplace(node.outputs[i], std::move(values[i])).second)
        throw Error(node.where(), "a second value of its output's name", "names that differ");
    }
  }
  graph.nodes = std::move(kept);
}

}  // namespace basil::onnx_import
