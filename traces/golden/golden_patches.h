// The stretches of ifmap behind an ofmap pixel, laid out like a filter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "traces/shape.h"

namespace basil::golden {

inline constexpr std::size_t tile_pixels = 64;  // ofmap pixels whose patches are packed at a time

inline std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

// Where the filter lies for one pixel of the ofmap (flat index over N, P, Q); may start on padding.
struct Window {
  std::int64_t n, top, left;
};

inline Window window_of(const LayerShape& s, std::int64_t pixel) {
  const std::int64_t q = pixel % s.Q();
  const std::int64_t p = pixel / s.Q() % s.P();
  return {pixel / s.Q() / s.P(), p * s.stride_y - s.pad_top, q * s.stride_x - s.pad_left};
}

// The stretch of ifmap that one filter row sees: S x C/groups elements, zeros on padding.
template <class T>
void pack_row(const LayerShape& s, const T* row, int group, std::int64_t left, T* out) {
  const int depth = s.channels_per_group();
  if (s.groups == 1 && s.dilation_x == 1) {
    const std::int64_t first = std::clamp<std::int64_t>(-left, 0, s.S);
    const std::int64_t last = std::clamp<std::int64_t>(s.W - left, first, s.S);
    out = std::fill_n(out, first * depth, T{});
    if (last > first) out = std::copy_n(row + (left + first) * depth, (last - first) * depth, out);
    std::fill_n(out, (s.S - last) * depth, T{});
    return;
  }
  for (int column = 0; column < s.S; ++column, out += depth) {
    const std::int64_t x = left + std::int64_t{column} * s.dilation_x;
    if (x < 0 || x >= s.W) {
      std::fill_n(out, depth, T{});
    } else {
      std::copy_n(row + x * s.C + std::int64_t{group} * depth, depth, out);
    }
  }
}

// The patch behind one ofmap pixel and group, in the order of a filter: R, S, C/groups.
template <class T>
void pack_patch(const LayerShape& s, const T* ifmap, std::int64_t pixel, int group, T* out) {
  const Window window = window_of(s, pixel);
  const std::int64_t row_length = std::int64_t{s.S} * s.channels_per_group();
  for (int r = 0; r < s.R; ++r, out += row_length) {
    const std::int64_t y = window.top + std::int64_t{r} * s.dilation_y;
    if (y < 0 || y >= s.H) {
      std::fill_n(out, row_length, T{});
    } else {
      pack_row(s, ifmap + (window.n * s.H + y) * s.W * s.C, group, window.left, out);
    }
  }
}

}  // namespace basil::golden
