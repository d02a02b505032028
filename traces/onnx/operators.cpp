#include "traces/onnx/operators.h"

#include <fmt/format.h>

#include <set>

#include "core/error.h"
#include "traces/onnx/filters.h"
#include "traces/onnx/pool.h"

namespace basil::onnx_import {

Operator find_operator(const std::string& op) {
  for (const Operators* table : {&elementwise_operators(), &shape_operators()}) {
    if (const auto found = table->find(op); found != table->end()) return found->second;
  }
  return nullptr;
}

void check_supported(const Graph& graph) {
  std::set<std::string> supported{"Constant"};
  supported.insert(filter_operators().begin(), filter_operators().end());
  supported.insert(pool_operators().begin(), pool_operators().end());
  for (const Operators* table : {&elementwise_operators(), &shape_operators()}) {
    for (const auto& [op, run] : *table) supported.insert(op);
  }
  for (const Node& node : graph.nodes) {
    if (!supported.contains(node.op))
      throw Error(node.where(), "an operator that is not supported", one_of(supported, node.op));
  }
}

}  // namespace basil::onnx_import
