// The weights of the layers, in one form whatever operator they come from.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {

// Of a Conv: K filters of depth C / groups, T planes (1 but in a 3-D one), R rows (1 in a 1-D one) and S
// columns. Of a Gemm or MatMul: K outputs, depth C, T = R = S = 1.
struct Filters {
  std::int64_t K = 0, depth = 0, T = 1, R = 1, S = 1;
  std::size_t axes = 0;                      // that the window slides over: 3 to 1, or 0 of Gemm and MatMul
  std::vector<float> weights = {};           // order K, depth, T, R, S
  std::vector<float> bias = {};              // K, or empty
  std::shared_ptr<const Grid> grid = {};     // the integers of the weights: one scale, or one a filter
  std::vector<std::int64_t> bias_sums = {};  // the integers that the bias was, in units of a sum; or empty
};

// Of a node with those weights; `bias` may be null. Throw Error for shapes that do not fit.
[[nodiscard]] Filters conv_filters(const Node& node, const Tensor& weights, const Tensor* bias);
[[nodiscard]] Filters fc_filters(const Node& node, const Tensor& weights, const Tensor* bias);

// Throws Error for weights or a bias that are no finite numbers.
void check_finite(const Filters& filters, const Node& node);

// Evaluates the nodes that only have constants as inputs; their outputs become constants. One that cannot be
// evaluated stays: running the graph says why, if anything needs it.
void fold_constants(Graph& graph);

// The filters of each Conv, Gemm and MatMul whose weights are constants of a form that one layer runs, by the
// name of its output. What alone reads a layer's output and is linear in each channel is folded into the
// layer and leaves the graph: BatchNormalization after Conv and Gemm, the Add of a constant. Constants that
// only filters needed leave the graph too.
[[nodiscard]] std::map<std::string, Filters> take_filters(Graph& graph);

}  // namespace basil::onnx_import
