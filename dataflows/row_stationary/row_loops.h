// The loop nest of a row-stationary layer: counters, and the pass they stand for.
#pragma once

#include <array>

#include "dataflows/row_stationary/row_stationary.h"

namespace basil {

class RowLoops {
 public:
  // Outermost first.
  enum Level : std::size_t {
    group,
    filter_block,  // by m
    batch,         // by n
    strip,         // by e
    tap_y,
    tap_x,
    channel_chunk,  // by q * r
    filter_chunk,   // by p * t
    levels
  };
  using Counters = std::array<int, levels>;

  RowLoops(const LayerShape& shape, const RowMapping& mapping);

  // Iterations of a level; of the filter chunks those of the block the counters stand in.
  [[nodiscard]] int bound(std::size_t level, const Counters& at) const;
  [[nodiscard]] RowPass pass(const Counters& at) const;
  // Of all passes.
  [[nodiscard]] std::int64_t size() const;

  // The ifmap a pass works on, clipped to the map.
  [[nodiscard]] FmapTile ifmap(const RowPass& pass) const;

 private:
  [[nodiscard]] Range block_filters(const Counters& at) const;

  LayerShape shape_;
  RowMapping map_;
  Counters bounds_{};
};

}  // namespace basil
