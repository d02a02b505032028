// Reading an ONNX model: its graph is run once in floating point, so that every layer gets the input that it
// really receives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "traces/network/dense_network.h"

namespace basil {

struct OnnxOptions {
  std::optional<std::filesystem::path> input_npy;  // float32, int8 or uint8, of the graph input's shape
  std::uint64_t seed = 1;                          // of the random input where none is given
};

// Conv (1-D and 2-D), Gemm and MatMul with constant weights, BatchNormalization folded into the layer before
// or run on its own, Relu, Clip, pooling, Add, other elementwise operators, and those that only reshape; an
// unsupported one is refused with the whole list. Axes of the input that the model leaves free are taken from
// the .npy, or a free batch is 1. Without a .npy the input is uniform in [-1, 1). Integers in a .npy are
// taken as they are. Errors name the file, the node, what was found and what is supported.
[[nodiscard]] DenseNetwork read_onnx(const std::filesystem::path& file, const OnnxOptions& options);

}  // namespace basil
