#include "traces/onnx/graph/tensor.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {

std::int64_t Tensor::size() const {
  return std::visit([](const auto& list) { return static_cast<std::int64_t>(list.size()); }, elements);
}

const std::vector<float>& Tensor::reals(const std::string& where) const {
  if (const auto* list = std::get_if<std::vector<float>>(&elements)) return *list;
  throw Error(where, "a tensor of integers", "real numbers");
}

const std::vector<std::int64_t>& Tensor::integers(const std::string& where) const {
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&elements)) return *list;
  throw Error(where, "a tensor of real numbers", "integers");
}

std::int64_t elements_of(const Axes& shape, const std::string& where) {
  if (shape.size() > greatest_rank)
    throw Error(where, fmt::format("{} axes", shape.size()), fmt::format("at most {}", greatest_rank));
  std::int64_t bound = 1, count = 1;
  for (const std::int64_t axis : shape) {
    const std::int64_t factor = std::max<std::int64_t>(axis, 1);
    if (axis < 0 || bound > greatest_tensor / factor) {
      throw Error(where, "shape " + shape_text(shape),
                  fmt::format("axes of at most {} elements together", greatest_tensor));
    }
    bound *= factor;
    count *= axis;
  }
  return count;
}

Tensor make_reals(Axes shape, const std::string& where) {
  const auto count = static_cast<std::size_t>(elements_of(shape, where));
  return {.shape = std::move(shape), .elements = std::vector<float>(count)};
}

Axes steps_of(const Axes& shape) {
  Axes steps(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0; step *= shape[i]) steps[i] = step;
  return steps;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank, const std::string& where) {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < -axes || axis >= axes)
    throw Error(where, fmt::format("axis {}", axis), fmt::format("an axis of {}", axes));
  return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

}  // namespace basil::onnx_import
