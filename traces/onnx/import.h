// Reading an ONNX model: its graph is run once in floating point, so that every layer gets the input that it
// really receives.
#pragma once

#include <filesystem>

#include "traces/network/dense_network.h"
#include "traces/onnx/options.h"

namespace basil {

// A model of opset 7 to 21, its operators executed as that opset says. Layers come from Conv (1-D to 3-D),
// ConvTranspose, Gemm and MatMul of any operands, GRU, LSTM and RNN, and their forms in integers; see
// docs/onnx.md for how each is represented. BatchNormalization and bias are folded into the layer before.
// What no layer depends on is left out with a note where it cannot be executed; all else that is not
// supported is refused with the whole list.
//
// Axes of an input that the model leaves free are taken from its .npy (where the batch may be missing), or a
// free batch is 1. Without a .npy an input of reals is uniform in [-1, 1), one of int8 or uint8 uniform in
// its type, others are zeros. Integers in a .npy for reals are taken as they are. Errors name the file, the
// node, what was found and what is supported.
[[nodiscard]] DenseNetwork read_onnx(const std::filesystem::path& file, const OnnxOptions& options);

}  // namespace basil
