// The layers with weights, in floating point.
#pragma once

#include "traces/onnx/filters.h"
#include "traces/shape.h"

namespace basil::onnx_import {

// Throws Error for a dot product longer than the 2^24 elements that memory is set apart for.
void check_reduction(const LayerShape& shape, const std::string& where);

// Input (N, C, H, W) to output (N, K, P, Q); an fc layer is one of H = W = R = S = 1. Each sum starts from
// the bias and runs over c, r, s in that order in single precision, so that the same model gives the same
// numbers on every machine. The shape must have passed check_shape and fit filters and input.
[[nodiscard]] std::vector<float> convolve(const LayerShape& shape, const Filters& filters,
                                          const std::vector<float>& input);
// The same of whole numbers, exactly up to 2^53; without bias.
[[nodiscard]] std::vector<double> convolve_integers(const LayerShape& shape, const Filters& filters,
                                                    const std::vector<float>& input);

}  // namespace basil::onnx_import
