// The shape of a layer, from its node and the shape of its input.
#pragma once

#include <string>
#include <vector>

#include "traces/onnx/filters.h"
#include "traces/shape.h"

namespace basil::onnx_import {

// One axis that a window slides over. Padding is that of auto_pad and ceil_mode too, once they are worked
// out.
struct SlidingAxis {
  std::int64_t size = 1, taps = 1, stride = 1, dilation = 1, before = 0, after = 0;
  std::int64_t given_after = 0;  // padding without what ceil_mode adds: an average counts no more

  [[nodiscard]] std::int64_t reach() const { return (taps - 1) * dilation + 1; }
  // Below 1 where the window is longer than the axis.
  [[nodiscard]] std::int64_t outputs() const;
};

// All throw Error "node NAME (OP): ..." for attributes and inputs that do not fit. Ranges are left to
// check_shape, but every field fits its int.

// The spatial axes of (N, C, ...), under a kernel of as many.
[[nodiscard]] std::vector<SlidingAxis> sliding_axes(const Node& node, const Axes& input, const Axes& kernel);
// Those of a pool, its global forms and a ReduceMean over all of them included.
[[nodiscard]] std::vector<SlidingAxis> pool_axes(const Node& node, const Axes& input);
// One axis or two as rows and columns; no axis is a place of 1 x 1.
void set_axes(std::vector<SlidingAxis> axes, const std::string& where, LayerShape& shape);
// A number as an int, from `least` to greatest_dimension.
[[nodiscard]] int bounded(std::int64_t value, std::int64_t least, const std::string& where);

[[nodiscard]] LayerShape fc_shape(const Node& node, const Filters& filters, const Axes& input);
// N, C, H, W of a tensor of 2 to 4 axes, K = C, and a window of one element.
[[nodiscard]] LayerShape image_shape(const Node& node, const Axes& input);

}  // namespace basil::onnx_import
