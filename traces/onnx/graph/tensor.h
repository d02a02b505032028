// A value of an ONNX graph.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "traces/onnx/graph/element_type.h"

namespace basil::onnx_import {

using Axes = std::vector<std::int64_t>;

inline constexpr std::int64_t greatest_tensor = std::int64_t{1} << 28;  // elements of one tensor
inline constexpr std::size_t greatest_rank = 8;                         // its axes

// The integers behind reals: real = (integer - zero) * scale, one scale and zero for all, or one for each
// index of an axis.
struct Grid {
  ElementType type = ElementType::int8;
  int bits = 8;  // that the integers take, of those that their type has
  std::vector<float> scale;
  std::vector<std::int64_t> zero;  // as many
  std::size_t axis = 0;            // of more than one scale
};

// Elements in C order, the batch and the channels first: reals as float whatever real type ONNX gives them,
// integers and truth values as int64 within the range of their type. A tensor has as many elements as its
// shape says, and at most greatest_tensor.
struct Tensor {
  Axes shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> elements;
  ElementType type = elements.index() == 0 ? ElementType::float32 : ElementType::int64;
  std::shared_ptr<const Grid> grid = {};  // of reals that were dequantised

  [[nodiscard]] std::int64_t size() const;
  [[nodiscard]] bool real() const { return elements.index() == 0; }
  // The elements. Throws Error "WHERE: ..." where they are of the other kind.
  [[nodiscard]] const std::vector<float>& reals(const std::string& where) const;
  [[nodiscard]] const std::vector<std::int64_t>& integers(const std::string& where) const;
};

// Product of the axes. Throws Error "WHERE: ..." for an axis below zero, for more than greatest_rank axes,
// and for more than greatest_tensor elements (an axis of 0 counted as 1, so that no part of a product
// overflows).
[[nodiscard]] std::int64_t elements_of(const Axes& shape, const std::string& where);

// A tensor of zeros.
[[nodiscard]] Tensor make_reals(Axes shape, const std::string& where);

// Steps in elements along each axis of a tensor of that shape.
[[nodiscard]] Axes steps_of(const Axes& shape);

// An axis counted from the end where it is negative. Throws Error unless it is one of `rank` axes.
[[nodiscard]] std::size_t axis_of(std::int64_t axis, std::size_t rank, const std::string& where);

}  // namespace basil::onnx_import
