// Runs a graph once, and notes each layer with the input that it really received.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/progress.h"
#include "traces/network/dense_network.h"
#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {

struct Outcome {
  std::vector<DenseLayer> layers;         // in the order they run
  std::map<std::string, Tensor> outputs;  // of the graph, but for those that were not computed
  std::vector<std::string> left_out;      // nodes behind the last layer that could not be executed, and why
};

// Layers carry operands: the weights, and the input as the integers that it was or as int8; `relu` where what
// alone reads the output is a Relu, or a Clip from 0 (whose upper bound is executed but not said). Pools, and
// the Add of two computed tensors, are listed without. Errors name the node: an operator that is not
// supported, an input that no node before it makes, shapes that do not fit, values that are not finite, more
// work or memory than one run is given. A node that no layer depends on is left out instead.
[[nodiscard]] Outcome run_graph(Graph graph, std::map<std::string, Tensor> inputs,
                                const ShowProgress& progress = {});

}  // namespace basil::onnx_import
