// A value of an ONNX graph.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace basil::onnx_import {

using Axes = std::vector<std::int64_t>;

inline constexpr std::int64_t greatest_tensor = std::int64_t{1} << 28;  // elements of one tensor
inline constexpr std::size_t greatest_rank = 8;                         // its axes

// Elements in C order, the batch and the channels first: reals for data, integers for shapes, axes and
// indices. A tensor has as many elements as its shape says, and at most greatest_tensor.
struct Tensor {
  Axes shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> elements;

  [[nodiscard]] std::int64_t size() const;
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

// An axis counted from the end where it is negative. Throws Error unless it is one of `rank` axes.
[[nodiscard]] std::size_t axis_of(std::int64_t axis, std::size_t rank, const std::string& where);

}  // namespace basil::onnx_import
