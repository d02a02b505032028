#include "pe/basis_first/tile_grid.h"

#include <cstddef>

namespace basil::basis_first {
namespace {

// One axis: an ofmap of `outputs` values over `length` grid places, of which the plane has [first, end).
struct Axis {
  int taps, dilation, stride, outputs, length;
  Range plane;
};

std::vector<std::vector<int>> hits(const Axis& axis) {
  std::vector<std::vector<int>> by_tap(static_cast<std::size_t>(axis.taps),
                                       std::vector<int>(static_cast<std::size_t>(axis.length)));
  for (int tap = 0; tap < axis.taps; ++tap) {
    for (int output = 0; output < axis.outputs; ++output) {
      const int place = output * axis.stride + tap * axis.dilation;
      if (place < axis.plane.first || place >= axis.plane.end) continue;
      by_tap[static_cast<std::size_t>(tap)][static_cast<std::size_t>(place)] = 1;
    }
  }
  return by_tap;
}

std::vector<int> total(const std::vector<std::vector<int>>& by_tap) {
  std::vector<int> sums(by_tap.front().size());
  for (const std::vector<int>& tap : by_tap) {
    for (std::size_t place = 0; place < sums.size(); ++place) sums[place] += tap[place];
  }
  return sums;
}

}  // namespace

TileGrid::TileGrid(const LayerShape& shape, Range ofmap_rows)
    : top(ofmap_rows.first * shape.stride_y - shape.pad_top),
      rows((ofmap_rows.size() - 1) * shape.stride_y + (shape.R - 1) * shape.dilation_y + 1),
      columns(shape.W + shape.pad_left + shape.pad_right),
      row_hits(
          hits({shape.R, shape.dilation_y, shape.stride_y, ofmap_rows.size(), rows, {-top, shape.H - top}})),
      column_hits(hits({shape.S,
                        shape.dilation_x,
                        shape.stride_x,
                        shape.Q(),
                        columns,
                        {shape.pad_left, shape.pad_left + shape.W}})),
      row_taps(total(row_hits)),
      column_taps(total(column_hits)) {}

}  // namespace basil::basis_first
