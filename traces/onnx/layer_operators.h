// Operators that are layers: each lists the layers that a node is, and computes what they make.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traces/onnx/graph/call.h"
#include "traces/onnx/layers.h"

namespace basil::onnx_import {

// A node that makes layers.
struct LayerCall {
  const Call& call;
  Layers& layers;
  const Filters* filters = nullptr;  // those taken from its constants (take_filters), if any
  bool relu = false;                 // whether what alone reads its output is a ReLU

  [[nodiscard]] const Node& node() const { return call.node(); }
  [[nodiscard]] std::string where() const { return call.where(); }
};

using LayerOperator = std::vector<Tensor> (*)(const LayerCall&);
using LayerOperators = std::map<std::string, LayerOperator>;

// Conv of one to three axes. The planes of a 3-D one become channels: its layer is the 2-D convolution that
// makes one output plane from the T input planes under the filter, for as many images as there are output
// planes.
[[nodiscard]] const LayerOperators& conv_operators();
// Gemm and MatMul of any operands. A matrix that is computed stands where weights stand, ".by_activation";
// several products (one a head) are the groups of one 1 x 1 convolution.
[[nodiscard]] const LayerOperators& product_operators();
// ConvTranspose: for each of stride x stride phases of the output, ".phase_Y_X", the convolution that makes
// it.
[[nodiscard]] const LayerOperators& transposed_operators();
// GRU, LSTM, RNN: ".input" for all steps at once, ".recurrent" with each step's state, ".reverse" behind
// those of the other direction, and ".candidate" where a GRU weighs a state of its own for its last gate.
[[nodiscard]] const LayerOperators& recurrent_operators();
// QLinearConv, ConvInteger, QLinearMatMul, MatMulInteger, in integers.
[[nodiscard]] const LayerOperators& integer_operators();

// All of these; null for an operator that is not among them.
[[nodiscard]] const LayerOperators& all_layer_operators();
[[nodiscard]] LayerOperator find_layer_operator(const std::string& op);

}  // namespace basil::onnx_import
