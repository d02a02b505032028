// Sum first, then convolve (ESCALATE): passes of one layer, see design.h.
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

class SumFirst final : public TileUnit {
 public:
  SumFirst(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  void load(int n, const TilePass& pass);
  void run_slice(int filter, int basis);
  void queue_rows(int basis);
  void meet(int filters);
  void convolve(int basis);
  void hand_over(int n, int filter, const TilePass& pass, Ofmap& sums) const;

  const Layer& layer_;
  Design design_;
  PassAccounts accounts_;
  TileInput input_;
  CoefficientReader coefficients_;
  BasisKernels kernels_;
  LaneStreams streams_;
  bool narrow_;  // psums fit 32 bits

  // Of the tile.
  std::vector<int> rows_, columns_;     // of the grid, that the pass uses
  std::vector<std::int64_t> nonzeros_;  // of each channel
  Barrier barrier_;                     // by row used and round of bases
  // Of the filter.
  std::vector<std::int32_t> psums_;
  std::vector<std::int64_t> wide_psums_;
  // Of the slice, by grid pixel.
  CoefficientRow row_;
  std::vector<std::int32_t> cycles_, effectual_, sums_;
  std::vector<std::int64_t> starts_;  // of the last sums in the queue
  Events events_;
};

}  // namespace basil::basis_first
