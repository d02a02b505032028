// The shape of a layer, from its node and the shape of its input.
#pragma once

#include <string>

#include "traces/onnx/filters.h"
#include "traces/shape.h"

namespace basil::onnx_import {

// A window that slides over the rows and columns of (N, C, H, W), or over (N, C, W) as one row. Padding is
// that of auto_pad and ceil_mode too, once they are worked out.
struct Window {
  LayerShape shape;
  int given_bottom = 0, given_right = 0;  // padding without what ceil_mode adds: an average counts no more
};

// All throw Error "node NAME (OP): ..." for attributes and inputs that do not fit. Ranges are left to
// check_shape, but every field fits its int.
[[nodiscard]] LayerShape conv_shape(const Node& node, const Filters& filters, const Axes& input);
[[nodiscard]] LayerShape fc_shape(const Node& node, const Filters& filters, const Axes& input);
[[nodiscard]] Window pool_window(const Node& node, const Axes& input);
// N, C, H, W of a tensor of 2 to 4 axes, K = C, and a window of one element.
[[nodiscard]] LayerShape image_shape(const Node& node, const Axes& input);

}  // namespace basil::onnx_import
