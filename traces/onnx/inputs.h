// What the inputs of a graph hold: a file each, or drawn.
#pragma once

#include <map>
#include <string>

#include "traces/onnx/graph/graph.h"
#include "traces/onnx/options.h"

namespace basil::onnx_import {

struct Inputs {
  std::map<std::string, Tensor> tensors;
  std::string said;  // how they came to be, for the network file
};

// Throws Error for a name that no input has, and for a file that does not fit its input.
[[nodiscard]] Inputs read_inputs(const Graph& graph, const OnnxOptions& options);

}  // namespace basil::onnx_import
