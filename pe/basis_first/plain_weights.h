// Layers whose weights are plain (dense, bitmap, run_length): stage 2 alone, see design.h.
#pragma once

#include <algorithm>
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
  void read_filters(Range filters);
  // Times a slice of the blocks, many ofmap values or many filters at once.
  void run_slice(int slice);
  void run_slice_of_few_values(int slice);
  void meet();
  [[nodiscard]] int slices_used() const { return std::min(design_.slices, streams_.rows()); }
  [[nodiscard]] std::int64_t ofmap_values() const { return std::int64_t{ofmap_rows_} * layer_.shape.Q(); }

  const Layer& layer_;
  Design design_;
  SliceReader weights_;
  PassAccounts accounts_;
  TileInput input_;
  MacValues<std::int16_t> values_;
  LaneStreams streams_;         // of the activations, by ofmap value
  LaneStreams filter_streams_;  // of the weights, by filter

  // Of the tile.
  int ofmap_rows_ = 0;
  std::vector<std::int64_t> nonzeros_;  // of each position of the reduction, over the ofmap values
  Barrier barrier_;                     // by ofmap row
  // Of the pass.
  Range filters_;
  std::vector<std::int16_t> filter_;
  std::vector<std::vector<std::uint64_t>> maps_;  // of each filter
  std::vector<std::int64_t> weights_at_;  // not zero, at each position of the reduction, over the filters
  // Of the slice, by ofmap value or by filter.
  std::vector<std::int32_t> cycles_, effectual_;
  std::vector<std::uint64_t> map_;
  std::vector<std::int64_t> row_cycles_;
  Events events_;
};

}  // namespace basil::basis_first
