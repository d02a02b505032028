#include "pe/basis_first/basis_kernels.h"

#include <cstdlib>

#include "core/units.h"

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

BasisKernels::BasisKernels(const Layer& layer, int multipliers)
    : shape_(layer.shape),
      operand_(layer.weights),
      multipliers_(multipliers),
      taps_(std::int64_t{layer.shape.R} * layer.shape.S),
      nonzero_taps_(static_cast<std::size_t>(layer.weights.bases)) {
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
  pixel_cycles_.resize(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    pixel_cycles_[i] = static_cast<std::int32_t>(ceil_div(pixel_taps_[i], multipliers_));
  }
}

}  // namespace basil::basis_first
