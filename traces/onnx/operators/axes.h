// Axes that an operator works along: an attribute in older opsets, an input in newer ones.
#pragma once

#include <optional>
#include <vector>

#include "traces/onnx/graph/call.h"

namespace basil::onnx_import {

// As the node gives them, by input `index` or by attribute "axes"; none where it does not.
[[nodiscard]] std::optional<std::vector<std::int64_t>> given_axes(const Call& call, std::size_t index);

// For each axis of `rank` whether it is among those. Throws Error for one that is not there, or is there
// twice.
[[nodiscard]] std::vector<bool> axis_mask(const std::vector<std::int64_t>& axes, std::size_t rank,
                                          const std::string& where);

// A tensor seen as lines, each of the elements that lie along some of its axes: element j of line i is at
// starts[i] + along[j]. Both in C order.
struct Lines {
  std::vector<std::int64_t> starts, along;
};
[[nodiscard]] Lines lines_of(const Axes& shape, const std::vector<bool>& along);

// Product of the axes from `begin` up to `end`.
[[nodiscard]] std::int64_t extent(const Axes& shape, std::size_t begin, std::size_t end);

}  // namespace basil::onnx_import
