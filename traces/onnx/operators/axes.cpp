#include "traces/onnx/operators/axes.h"

#include <fmt/format.h>

#include "core/error.h"
#include "traces/onnx/operators/broadcast.h"

namespace basil::onnx_import {

std::optional<std::vector<std::int64_t>> given_axes(const Call& call, std::size_t index) {
  if (const Tensor* input = call.optional(index)) return input->integers(call.where() + ": axes");
  return call.node().integers("axes");
}

std::vector<bool> axis_mask(const std::vector<std::int64_t>& axes, std::size_t rank,
                            const std::string& where) {
  std::vector<bool> mask(rank);
  for (const std::int64_t axis : axes) {
    const std::size_t at = axis_of(axis, rank, where + ": axes");
    if (mask[at]) throw Error(where + ": axes", fmt::format("axis {} twice", axis), "it once");
    mask[at] = true;
  }
  return mask;
}

Lines lines_of(const Axes& shape, const std::vector<bool>& along) {
  const Axes steps = steps_of(shape);
  Axes across_axes, across_steps, along_axes, along_steps;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (along[i] ? along_axes : across_axes).push_back(shape[i]);
    (along[i] ? along_steps : across_steps).push_back(steps[i]);
  }
  Lines lines;
  const auto note = [](std::vector<std::int64_t>& list) {
    return [&list](const std::array<std::int64_t, 1>& at) { list.push_back(at[0]); };
  };
  walk(across_axes, std::array{across_steps}, note(lines.starts));
  walk(along_axes, std::array{along_steps}, note(lines.along));
  return lines;
}

std::int64_t extent(const Axes& shape, std::size_t begin, std::size_t end) {
  std::int64_t product = 1;
  for (std::size_t i = begin; i < end; ++i) product *= shape[i];
  return product;
}

}  // namespace basil::onnx_import
