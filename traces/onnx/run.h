// Runs a graph once, and notes each layer with the input that it really received.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traces/network/dense_network.h"
#include "traces/onnx/filters.h"

namespace basil::onnx_import {

// The layers of a graph whose filters were taken, in the order they run. Conv, Gemm and MatMul carry
// operands: the weights, and the input as int8 (symmetric, its greatest magnitude at 127); `relu` where what
// alone reads the output is a Relu, or a Clip from 0 (whose upper bound is executed but not said). Pools, and
// the Add of two computed tensors, are listed without. Errors name the node: an input that no node before it
// makes, shapes that do not fit, values that are not finite, more work or memory than one run is given.
[[nodiscard]] std::vector<DenseLayer> run_graph(const Graph& graph, std::map<std::string, Filters> filters,
                                                Tensor input);

}  // namespace basil::onnx_import
