// Layers whose weights are plain (dense, bitmap, run_length): stage 2 alone, see design.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pe/basis_first/barrier.h"
#include "pe/basis_first/events.h"
#include "pe/basis_first/lane_streams.h"
#include "pe/basis_first/row_feed.h"
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
  // Times the blocks: all ofmap values of a filter at once, or all filters of an ofmap value.
  void run_filter(const std::vector<std::uint64_t>& map);
  void run_value(std::int64_t value);
  // Where a block's slices are on an ofmap row.
  struct BlockTime {
    RowFeed feed;
    std::vector<std::int64_t> ended;  // of each slice: cycle in which it ended the part before
  };
  void restart(BlockTime& block) const;
  // The slices' next part, which takes slice i cycles[i * pitch].
  void time_part(BlockTime& block, std::int64_t part, const std::int32_t* cycles, std::int64_t pitch);
  void arrive(const BlockTime& block, int p);
  void meet();
  // A part's rows of the reduction, of which slice i has i, i + slices, ...
  [[nodiscard]] Range rows_of(std::int64_t part) const;
  [[nodiscard]] std::int64_t positions_of(std::int64_t part) const;
  [[nodiscard]] LaneStreams::Share share_of(std::int64_t part, int slice) const;
  [[nodiscard]] int slices_of(std::int64_t part) const {
    return std::min(design_.slices, rows_of(part).size());
  }
  // Of the reduction, as wide as the multipliers.
  [[nodiscard]] std::int64_t rows() const { return ceil_div(layer_.shape.reduction(), design_.multipliers); }
  [[nodiscard]] int slices_used() const {
    return static_cast<int>(std::min<std::int64_t>(design_.slices, rows()));
  }
  [[nodiscard]] std::int64_t ofmap_values() const { return std::int64_t{ofmap_rows_} * layer_.shape.Q(); }

  const Layer& layer_;
  Design design_;
  SliceReader weights_;
  PassAccounts accounts_;
  TileInput input_;
  MacValues<std::int16_t> values_;
  LaneStreams streams_;         // of the activations, by ofmap value
  LaneStreams filter_streams_;  // of the weights, by filter
  PixelPlaces places_;

  // Of the tile.
  int ofmap_rows_ = 0;
  std::vector<std::int64_t> nonzeros_;  // of each position of the reduction, over the ofmap values
  Barrier barrier_;                     // by ofmap row
  // Of the pass.
  Range filters_;
  std::vector<std::int16_t> filter_;
  std::vector<std::vector<std::uint64_t>> maps_;  // of each filter
  std::vector<std::int64_t> weights_at_;  // not zero, at each position of the reduction, over the filters
  std::vector<BlockTime> blocks_;
  std::vector<std::int64_t> fetches_;  // of each part: cycles of the row store
  // Of each part and slice, by ofmap value or by filter.
  std::vector<std::int32_t> cycles_, effectual_;
  std::vector<std::uint64_t> map_;
  std::int64_t walked_ = 0;  // slice cycles of the image
  Events events_;
};

}  // namespace basil::basis_first
