// Which nodes a model's layers need, and whether they can be executed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {

// Every operator that a node may be of.
[[nodiscard]] const std::set<std::string>& supported_operators();

// For each node whether it is a layer with weights or makes, through others, what one reads. The others are
// the tail of the graph: nothing that is simulated depends on them.
[[nodiscard]] std::vector<bool> leads_to_layer(const Graph& graph);

// Throws Error, with all that is supported, unless every node that leads to a layer can be executed. (What a
// branch of If holds is known when it is chosen.)
void check_supported(const Graph& graph);

// The same for one node.
[[nodiscard]] Error unsupported(const Node& node);

}  // namespace basil::onnx_import
