// Layers whose weights are plain (dense, bitmap, run_length): stage 2 alone, see design.h.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/barrier.h"
#include "pe/basis_first/events.h"
#include "pe/basis_first/lane_streams.h"
#include "pe/basis_first/tile_input.h"
#include "pe/mac/mac_values.h"

namespace basil::basis_first {

class PlainWeights final : public TileUnit {
 public:
  PlainWeights(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  void load(int n, const TilePass& pass);
  void read_filter(int filter);
  void run_slice(int slice);
  void meet(int filters);

  const Layer& layer_;
  Design design_;
  SliceReader weights_;
  TileInput input_;
  MacValues<std::int16_t> values_;
  LaneStreams streams_;

  // Of the tile.
  int ofmap_rows_ = 0;
  std::vector<std::int64_t> nonzeros_;  // of each position of the reduction, over the ofmap values
  Barrier barrier_;                     // by ofmap row
  std::int64_t multiplied_ = 0;         // products since the blocks started on the image
  // Of the filter.
  std::vector<std::int16_t> filter_;
  std::vector<std::uint64_t> map_;
  // Of the slice, by ofmap value.
  std::vector<std::int32_t> cycles_, effectual_;
  Events events_;
};

}  // namespace basil::basis_first
