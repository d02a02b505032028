// Sum first, then convolve (ESCALATE): passes of one layer, see design.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pe/basis_first/barrier.h"
#include "pe/basis_first/basis_kernels.h"
#include "pe/basis_first/coefficients.h"
#include "pe/basis_first/events.h"
#include "pe/basis_first/lane_streams.h"
#include "pe/basis_first/row_feed.h"
#include "pe/basis_first/tile_input.h"

namespace basil::basis_first {

class SumFirst final : public TileUnit {
 public:
  SumFirst(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  void load(int n, const TilePass& pass);
  void run_slice(int filter, int basis);
  void queue_rows();
  void time_row(int row, int first, int end);
  void meet(int filters);
  void convolve(int basis);
  void hand_over(int n, int filter, const TilePass& pass, Ofmap& sums) const;
  [[nodiscard]] std::size_t of_basis(int basis) const {
    return static_cast<std::size_t>(basis * streams_.pitch());
  }

  // Where a slice is on an ifmap row.
  struct SliceTime {
    std::int64_t ended = -1;           // cycle in which stage 1 ended the pixel before
    std::int64_t idle_from = 0;        // cycle from which stage 2 is free
    std::vector<std::int64_t> starts;  // of the last sums in the queue
    std::size_t place = 0;             // of the next one

    void restart();
    void queue(std::int64_t cycles);
    [[nodiscard]] std::int64_t cycles() const { return std::max(ended + 1, idle_from); }
  };

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
  // Of the block's slices, by basis and grid pixel.
  std::vector<std::int32_t> cycles_, effectual_;
  RowFeed feed_;
  std::vector<SliceTime> times_;
  // Of the slice, by grid pixel.
  CoefficientRow row_;
  std::vector<std::int32_t> sums_;
  Events events_;
};

}  // namespace basil::basis_first
