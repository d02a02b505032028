#include "pe/sparse_outer/outer_band.h"

#include <map>
#include <utility>

namespace basil {
namespace {

// Positions of an axis by what they meet: their place modulo the stride, and the taps that reach an ofmap
// position from there.
struct AxisClasses {
  std::vector<std::vector<std::uint8_t>> taps;  // of each class, one flag a tap
  std::vector<std::uint32_t> of;                // by position
};

struct AxisShape {
  int taps, stride, dilation, pad;
};

AxisClasses classify(const AxisShape& axis, Range in, Range out) {
  AxisClasses classes;
  std::map<std::pair<int, std::vector<std::uint8_t>>, std::uint32_t> known;
  for (int i = in.first; i < in.end; ++i) {
    std::vector<std::uint8_t> reaches(static_cast<std::size_t>(axis.taps));
    for (int tap = 0; tap < axis.taps; ++tap) {
      const int place = i + axis.pad - tap * axis.dilation;
      const bool lands = place >= 0 && place % axis.stride == 0 && place / axis.stride >= out.first &&
                         place / axis.stride < out.end;
      reaches[static_cast<std::size_t>(tap)] = lands ? 1 : 0;
    }
    const auto next = static_cast<std::uint32_t>(known.size());
    const auto [entry, is_new] = known.insert({{(i + axis.pad) % axis.stride, reaches}, next});
    if (is_new) classes.taps.push_back(reaches);
    classes.of.push_back(entry->second);
  }
  return classes;
}

}  // namespace

OuterBand::OuterBand(const LayerShape& shape, const OuterMachine& machine, const StridePhases& stride_phases,
                     Range rows)
    : plane(lay_out(shape, machine, rows)),
      phases(stride_phases.count()),
      taps(static_cast<std::size_t>(shape.R) * static_cast<std::size_t>(shape.S)) {
  sort_pixels(shape, machine, stride_phases);
}

void OuterBand::sort_pixels(const LayerShape& shape, const OuterMachine& machine,
                            const StridePhases& stride_phases) {
  const auto down =
      classify({shape.R, shape.stride_y, shape.dilation_y, shape.pad_top}, plane.in_rows, plane.rows);
  const auto across =
      classify({shape.S, shape.stride_x, shape.dilation_x, shape.pad_left}, plane.in_cols, {0, shape.Q()});
  for (const auto& rows : down.taps) {
    for (const auto& cols : across.taps) {
      for (const std::uint8_t row : rows) {
        for (const std::uint8_t col : cols) landing.push_back(row & col);
      }
      landing.push_back(0);
    }
  }
  for (int y = plane.in_rows.first; y < plane.in_rows.end; ++y) {
    const auto row = static_cast<std::size_t>(y - plane.in_rows.first);
    for (int x = plane.in_cols.first; x < plane.in_cols.end; ++x) {
      const auto col = static_cast<std::size_t>(x - plane.in_cols.first);
      const int index = static_cast<int>(row) / plane.grid.tile_rows * plane.grid.across +
                        static_cast<int>(col) / plane.grid.tile_cols;
      const OuterTile& tile = plane.tiles[static_cast<std::size_t>(index)];
      // A product of tap (r, s) goes to the accumulator of row (y + pad - r * dilation) / stride: the
      // activation's part of it less the tap's, both rounded down alike within a phase.
      const std::int64_t acc_row = (y + shape.pad_top) / shape.stride_y - tile.first_row;
      const std::int64_t acc_col = (x + shape.pad_left) / shape.stride_x - tile.first_col;
      const std::uint32_t turn = bank_of(-(acc_row * plane.acc_cols + acc_col), machine.banks);
      const auto sort = down.of[row] * static_cast<std::uint32_t>(across.taps.size()) + across.of[col];
      entries.push_back(sort << turn_bits | turn);
      tile_of.push_back(index);
      phase_of.push_back(stride_phases.of_pixel(y, x));
    }
  }
  for (int phase = 0; phase < phases; ++phase) {
    entries.push_back(static_cast<Entry>(classes()) << turn_bits);
    landing.insert(landing.end(), taps + 1, 0);
  }
}

}  // namespace basil
