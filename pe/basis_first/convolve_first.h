// Convolve first, then sum (PENNI's order): passes of one layer, see design.h.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/barrier.h"
#include "pe/basis_first/basis_kernels.h"
#include "pe/basis_first/coefficients.h"
#include "pe/basis_first/events.h"
#include "pe/basis_first/lane_streams.h"
#include "pe/basis_first/tile_input.h"

namespace basil::basis_first {

class ConvolveFirst final : public TileUnit {
 public:
  ConvolveFirst(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  void load(int n, const TilePass& pass);
  void convolve(int basis);
  void count_convolution();
  void sum_filter(int filter, std::int64_t round);
  void meet(int filters);
  void hand_over(int n, int filter, const TilePass& pass, Ofmap& sums) const;
  [[nodiscard]] std::int64_t ofmap_values() const { return std::int64_t{ofmap_rows_} * layer_.shape.Q(); }
  // Rounds of the bases over the slices.
  [[nodiscard]] std::int64_t basis_rounds() const { return ceil_div(kernels_.bases(), design_.slices); }

  // The intermediate maps of one basis: a plane of ofmap values for each channel.
  struct Maps {
    std::vector<std::int32_t> planes;
    std::vector<std::int64_t> nonzeros;  // of each channel
    LaneStreams streams;
  };

  const Layer& layer_;
  Design design_;
  PassAccounts accounts_;
  TileInput input_;
  CoefficientReader coefficients_;
  BasisKernels kernels_;

  // Of the tile.
  int ofmap_rows_ = 0;
  std::int64_t pitch_ = 0;  // of a plane
  std::vector<Maps> maps_;  // of each basis
  std::vector<std::int32_t> convolved_;
  Barrier barrier_;  // by round of filters, ofmap row and round of bases
  // Of the filter and its slices.
  CoefficientRow row_;
  std::vector<std::int32_t> cycles_, effectual_;
  std::vector<std::int64_t> slice_sums_, psums_;
  Events events_;
};

}  // namespace basil::basis_first
