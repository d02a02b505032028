// Numpy's broadcasting, and walks over elements that do not lie one behind the other.
#pragma once

#include <array>
#include <vector>

#include "traces/onnx/graph/call.h"

namespace basil::onnx_import {

// The shapes aligned at their ends, an axis of 1 repeated. Throws Error where they do not fit, or the result
// is larger than a tensor may be.
[[nodiscard]] Axes broadcast_shape(const std::vector<Axes>& shapes, const std::string& where);

// Steps in elements of a tensor of `shape` along each axis of `target`, 0 where it is repeated.
[[nodiscard]] Axes broadcast_steps(const Axes& shape, const Axes& target);

// Calls visit(offsets) for each element of a tensor of `shape` in C order, with the offset that steps of each
// of the n operands lead to.
template <std::size_t n, class Visit>
void walk(const Axes& shape, const std::array<Axes, n>& steps, Visit visit) {
  Axes index(shape.size(), 0);
  std::array<std::int64_t, n> at{};
  for (const std::int64_t axis : shape) {
    if (axis == 0) return;
  }
  for (;;) {
    visit(at);
    std::size_t i = index.size();
    for (; i-- > 0;) {
      for (std::size_t j = 0; j < n; ++j) at[j] += steps[j][i];
      if (++index[i] < shape[i]) break;
      for (std::size_t j = 0; j < n; ++j) at[j] -= steps[j][i] * shape[i];
      index[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return;
  }
}

// The elements of `in` from `first` on, so many along each axis and so far apart: what slices, transposes and
// repeats.
[[nodiscard]] Tensor strided(const Tensor& in, Axes shape, const Axes& steps, std::int64_t first,
                             const std::string& where);

// A tensor repeated to a shape that it fits.
[[nodiscard]] Tensor expanded(const Tensor& in, const Axes& shape, const std::string& where);

// function(a, b) of each pair of elements, repeated to one shape.
template <class Result, class A, class B, class Function>
std::vector<Result> paired(const Axes& shape, const std::vector<A>& a, const Axes& shape_a,
                           const std::vector<B>& b, const Axes& shape_b, Function function) {
  std::vector<Result> out;
  if (shape_a == shape_b) {
    out.resize(a.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = function(a[i], b[i]);
    return out;
  }
  std::int64_t count = 1;
  for (const std::int64_t axis : shape) count *= axis;
  out.resize(static_cast<std::size_t>(count));
  auto next = out.begin();
  walk(shape, std::array{broadcast_steps(shape_a, shape), broadcast_steps(shape_b, shape)},
       [&](const std::array<std::int64_t, 2>& at) {
         *next++ = function(a[static_cast<std::size_t>(at[0])], b[static_cast<std::size_t>(at[1])]);
       });
  return out;
}

}  // namespace basil::onnx_import
