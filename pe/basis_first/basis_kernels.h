// The basis kernels against a tile's grid: which taps a pixel meets, and the convolution of a plane.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/plane_kernels.h"
#include "pe/basis_first/tile_grid.h"
#include "traces/encodings/basis.h"
#include "traces/trace.h"

namespace basil::basis_first {

class BasisKernels {
 public:
  // `banks` of a slice's psums: see design.h.
  BasisKernels(const Layer& layer, int multipliers, int banks);

  // Counts the taps of each pixel of the grid.
  void place(const TileGrid& grid, int ofmap_rows);

  [[nodiscard]] int bases() const { return operand_.parts<Basis>().bases; }
  [[nodiscard]] const std::int16_t* weights(int basis) const {
    return operand_.values.data() + basis * taps_;
  }
  // Of each grid pixel: taps that meet an ofmap value, those of them that are not zero, cycles for them, and
  // multiplier slots that banks cost in these.
  [[nodiscard]] const std::int32_t* taps() const { return pixel_taps_.data(); }
  [[nodiscard]] const std::int32_t* cycles() const { return pixel_cycles_.data(); }
  [[nodiscard]] const std::int32_t* conflicts() const { return pixel_conflicts_.data(); }
  [[nodiscard]] const std::int32_t* nonzero_taps(int basis) const {
    return nonzero_taps_[static_cast<std::size_t>(basis)].data();
  }
  [[nodiscard]] const PlaneConvolution& convolution() const { return convolution_; }
  // The greatest sum of magnitudes over the taps of all bases.
  [[nodiscard]] std::int64_t magnitude() const { return magnitude_; }

 private:
  // Places, relative to a pixel, of the ofmap rows or columns that it meets.
  using Places = std::vector<int>;
  void time_pixels(const TileGrid& grid);
  void time_pixel(const Places& rows, const Places& columns, std::size_t pixel);

  const LayerShape& shape_;
  const Operand& operand_;
  int multipliers_, banks_;
  std::int64_t taps_, magnitude_ = 0;
  std::vector<std::int32_t> pixel_taps_, pixel_cycles_, pixel_conflicts_;
  std::vector<std::vector<std::int32_t>> nonzero_taps_;
  PlaneConvolution convolution_;
};

}  // namespace basil::basis_first
