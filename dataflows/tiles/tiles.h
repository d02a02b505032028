// Tiles: ofmap blocks for an array whose unit brings its own order of work inside a pass (Basis-First, inner
// and outer products, compare and add).
#pragma once

#include "core/units.h"
#include "dataflows/schedule.h"
#include "traces/shape.h"

namespace basil {

// What of a machine and its unit the dataflow must know.
struct TileLimits {
  std::int64_t pes = 1;         // of the array, all of them given to every pass
  int filters = 1;              // a pass takes at most
  Bytes fmap_buffer{1 << 20};   // holds the ifmap rows of a tile, and what the unit keeps for an ofmap row
  std::int64_t kept_a_row = 0;  // bytes of that
  int word_bits = 8;            // of an ifmap word
};

// Loops, outermost first: group, tiles of whole images or of ofmap rows, filters. A tile is as large as the
// buffer allows, counted as if no ifmap word were zero. Throws Error when not even one ofmap row's tile fits.
[[nodiscard]] std::unique_ptr<Schedule> tile_schedule(const LayerShape& shape, const TileLimits& limits,
                                                      const std::string& where);

}  // namespace basil
