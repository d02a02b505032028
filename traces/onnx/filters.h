// The weights of the layers, in one form whatever operator they come from.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "traces/onnx/graph.h"

namespace basil::onnx_import {

// Of a Conv: K filters of depth C / groups, R rows (1 in a 1-D one) and S columns. Of a Gemm or MatMul: K
// outputs, depth C, R = S = 1.
struct Filters {
  std::int64_t K = 0, depth = 0, R = 1, S = 1;
  std::size_t axes = 0;        // that the window slides over: 2, 1, or 0 of Gemm and MatMul
  std::vector<float> weights;  // order K, depth, R, S
  std::vector<float> bias;     // K, or empty
};

[[nodiscard]] const std::set<std::string>& filter_operators();  // Conv, Gemm, MatMul

// Evaluates the nodes that only have constants as inputs; their outputs become constants.
void fold_constants(Graph& graph);

// The filters of each Conv, Gemm and MatMul, by the name of its output. What alone reads a layer's output and
// is linear in each channel is folded into the layer and leaves the graph: BatchNormalization after Conv and
// Gemm, the Add of a constant. Constants that only filters needed leave the graph too.
[[nodiscard]] std::map<std::string, Filters> take_filters(Graph& graph);

}  // namespace basil::onnx_import
