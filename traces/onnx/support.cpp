#include "traces/onnx/support.h"

#include <algorithm>

#include "traces/onnx/layer_operators.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// Foreign names are long and many: the list shows ONNX' own unless the node is of another domain.
std::set<std::string> named_alike(const Node& node) {
  std::set<std::string> list;
  const bool foreign = node.op.find('.') != std::string::npos;
  for (const std::string& op : supported_operators()) {
    if (foreign || op.find('.') == std::string::npos) list.insert(op);
  }
  return list;
}

// A layer with weights, or a branch that may hold one.
bool weighs(const Node& node) {
  if (find_layer_operator(node.op) != nullptr) return true;
  return std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& attribute) {
    const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&attribute.second);
    return graph != nullptr && std::any_of((*graph)->nodes.begin(), (*graph)->nodes.end(), weighs);
  });
}

}  // namespace

const std::set<std::string>& supported_operators() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all{"AveragePool",   "Constant", "GlobalAveragePool",
                              "GlobalMaxPool", "If",       "MaxPool"};
    for (const auto& [op, run] : all_operators()) all.insert(op);
    for (const auto& [op, run] : all_layer_operators()) all.insert(op);
    return all;
  }();
  return names;
}

std::vector<bool> leads_to_layer(const Graph& graph) {
  std::vector<bool> leads(graph.nodes.size());
  std::set<std::string> read;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    leads[i] = weighs(node) || std::any_of(node.outputs.begin(), node.outputs.end(), [&](const auto& output) {
                 return !output.empty() && read.contains(output);
               });
    if (!leads[i]) continue;
    read.insert(node.inputs.begin(), node.inputs.end());
    for (const std::string& value : captured(node)) read.insert(value);
  }
  return leads;
}

Error unsupported(const Node& node) {
  return {node.where(), "an operator that is not supported", one_of(named_alike(node), node.op)};
}

void check_supported(const Graph& graph) {
  const std::vector<bool> leads = leads_to_layer(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (leads[i] && !supported_operators().contains(graph.nodes[i].op)) throw unsupported(graph.nodes[i]);
  }
}

}  // namespace basil::onnx_import
