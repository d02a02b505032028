#include "pe/basis_first/basis_kernels.h"

#include <cstdlib>

#include "pe/basis_first/design.h"
#include "traces/encodings/basis.h"

namespace basil::basis_first {
namespace {

// Adds the pixels that filter tap (r, s) uses.
void add_hits(const TileGrid& grid, int r, int s, std::vector<std::int32_t>& pixels) {
  const std::vector<int>& rows = grid.row_hits[static_cast<std::size_t>(r)];
  const std::vector<int>& columns = grid.column_hits[static_cast<std::size_t>(s)];
  std::int32_t* row = pixels.data();
  for (int y = 0; y < grid.rows; ++y, row += grid.columns) {
    if (rows[static_cast<std::size_t>(y)] == 0) continue;
    for (int x = 0; x < grid.columns; ++x) row[x] += columns[static_cast<std::size_t>(x)];
  }
}

}  // namespace

BasisKernels::BasisKernels(const Layer& layer, int multipliers, int banks)
    : shape_(layer.shape),
      operand_(layer.weights),
      multipliers_(multipliers),
      banks_(banks),
      taps_(std::int64_t{layer.shape.R} * layer.shape.S),
      nonzero_taps_(static_cast<std::size_t>(layer.weights.parts<Basis>().bases)) {
  for (const std::int16_t weight : operand_.values) magnitude_ += std::abs(std::int32_t{weight});
}

void BasisKernels::place(const TileGrid& grid, int ofmap_rows) {
  const auto pixels = static_cast<std::size_t>(grid.pixels());
  convolution_ = {.rows = ofmap_rows,
                  .columns = shape_.Q(),
                  .grid_columns = grid.columns,
                  .step_y = std::int64_t{shape_.stride_y} * grid.columns,
                  .step_x = shape_.stride_x,
                  .offsets = {}};
  pixel_taps_.assign(pixels, 0);
  for (auto& nonzero : nonzero_taps_) nonzero.assign(pixels, 0);
  for (int r = 0; r < shape_.R; ++r) {
    for (int s = 0; s < shape_.S; ++s) {
      convolution_.offsets.push_back(std::int64_t{r} * shape_.dilation_y * grid.columns +
                                     std::int64_t{s} * shape_.dilation_x);
      add_hits(grid, r, s, pixel_taps_);
      for (int m = 0; m < bases(); ++m) {
        if (weights(m)[r * shape_.S + s] != 0)
          add_hits(grid, r, s, nonzero_taps_[static_cast<std::size_t>(m)]);
      }
    }
  }
  time_pixels(grid);
}

// Which taps a pixel meets says its row and its column.
void BasisKernels::time_pixels(const TileGrid& grid) {
  const auto met = [](const std::vector<std::vector<int>>& hits, int place, int stride, int dilation) {
    Places outputs;
    for (std::size_t tap = 0; tap < hits.size(); ++tap) {
      if (hits[tap][static_cast<std::size_t>(place)] != 0)
        outputs.push_back((place - static_cast<int>(tap) * dilation) / stride);
    }
    return outputs;
  };
  std::vector<Places> columns;
  for (int x = 0; x < grid.columns; ++x)
    columns.push_back(met(grid.column_hits, x, shape_.stride_x, shape_.dilation_x));
  pixel_cycles_.assign(pixel_taps_.size(), 0);
  pixel_conflicts_.assign(pixel_taps_.size(), 0);
  std::size_t pixel = 0;
  for (int y = 0; y < grid.rows; ++y) {
    const Places rows = met(grid.row_hits, y, shape_.stride_y, shape_.dilation_y);
    for (const Places& column : columns) time_pixel(rows, column, pixel++);
  }
}

// Takes the taps in order; a bit a bank that the cycle has asked.
void BasisKernels::time_pixel(const Places& rows, const Places& columns, std::size_t pixel) {
  const int step = reach(shape_);
  std::uint64_t asked = 0;
  int taken = multipliers_;  // as if a cycle had been full
  std::int32_t cycles = 0, conflicts = 0;
  for (const int p : rows) {
    for (const int q : columns) {
      const std::uint64_t bank = std::uint64_t{1} << (p * step + q) % banks_;
      if (taken == multipliers_ || (asked & bank) != 0) {
        conflicts += multipliers_ - taken;
        ++cycles;
        asked = 0;
        taken = 0;
      }
      asked |= bank;
      ++taken;
    }
  }
  pixel_cycles_[pixel] = cycles;
  pixel_conflicts_[pixel] = conflicts;
}

}  // namespace basil::basis_first
