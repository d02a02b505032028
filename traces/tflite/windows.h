// Windows over feature maps: padding, shapes, and the ranges of fused activations.
#pragma once

#include "traces/requantisation.h"
#include "traces/shape.h"
#include "traces/tflite/run.h"

namespace basil::tflite_import {

// Throws Error unless the tensor has four axes: N, H, W, C.
void set_ifmap(const Tensor& ifmap, LayerShape& shape);
// Padding of the shape's window and strides, SAME or VALID. Throws Error for strides or dilations below 1.
void set_padding(model::Padding padding, LayerShape& shape);

// The scale and the zero point of a tensor as a whole. Throws Error where it has not exactly one.
struct Step {
  float scale;
  std::int32_t zero_point;
};
[[nodiscard]] Step step_of(const Tensor& tensor);

// Codes that the fused activation leaves.
[[nodiscard]] CodeRange codes_after(model::Activation activation, const Tensor& output);
// Sets relu, and clamp where the activation leaves less than the dtype holds.
void set_activation(model::Activation activation, const Tensor& output, Requantisation& requantisation);
[[nodiscard]] float real_after(model::Activation activation, float value);

// TensorFlow Lite's QuantizeMultiplier.
[[nodiscard]] FixedPoint fixed_point(double factor);

// The table of an operator's options. Throws Error where there is none of that kind.
template <class Options>
[[nodiscard]] const Options& options_of(const Operation& operation);

}  // namespace basil::tflite_import
