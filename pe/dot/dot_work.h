// The dense dot-product array: planar tiles of the ofmap, one a PE, and in each PE one dot product of `width`
// words a cycle (DCNN, the dense baseline of SCNN, ISCA 2017, section 5: planar tiles, input stationary).
//
// A PE walks a band of its tile's pixels, as many as its psum store holds; of its filters as many at a time
// as the store then holds psums for; the reduction (tap by tap, channels innermost) in vectors of `width`;
// and for each vector pixel by pixel, the ifmap vector staying while it meets the weights of all filters.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/planar/planar_grid.h"
#include "pe/tile.h"
#include "pe/unit.h"
#include "traces/encodings/slice.h"

namespace basil {

struct DotMachine {
  explicit DotMachine(const UnitParameters& parameters);

  int pes, grid_cols, width, group, psum_words;
  bool zero_gating;
  int word_bits;
  OperandDelivery delivery;

  [[nodiscard]] PlanarGrid grid(const LayerShape& shape, Range rows) const {
    return fit_plane(rows.size(), shape.Q(), pes / grid_cols, grid_cols);
  }
  // Vectors of a dot product.
  [[nodiscard]] std::int64_t vectors(const LayerShape& shape) const {
    return ceil_div(shape.reduction(), width);
  }
  // Filters whose psums the store holds beside each other for so many pixels.
  [[nodiscard]] int resident(int pixels, int filters) const;
};

// Events of a pass. Of a PE's multipliers each has a pair of operands in a step or, in the last vector of a
// reduction, is empty.
struct DotEvents {
  std::int64_t cycles = 0;
  std::int64_t products = 0, gated = 0, empty = 0;    // one a multiplier and cycle
  std::int64_t steps = 0, waiting = 0, unmapped = 0;  // one a PE and cycle
  std::int64_t ifmap_reads = 0, weight_writes = 0;    // vectors
};

[[nodiscard]] std::vector<Part> dot_parts(const UnitParameters& parameters);
[[nodiscard]] TileWork dot_work(const DotEvents& events, const DotMachine& machine);

// Through the array's door: the ifmap rows behind the pass (unless they are there since the filters before),
// its weights once an image and band of pixels, and finished sums.
void add_dot_bytes(const Layer& layer, const SliceReader& ifmap, const DotMachine& machine,
                   const TilePass& pass, TileWork& work);

}  // namespace basil
