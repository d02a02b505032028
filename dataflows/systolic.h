// Systolic dataflows: the layer as a matrix product, folded over a grid of PEs.
#pragma once

#include "core/units.h"
#include "dataflows/schedule.h"
#include "traces/shape.h"

namespace basil {

// What of a machine the dataflows must know.
struct SystolicArray {
  int rows = 32, cols = 32;
  Bytes ifmap_buffer{1 << 20};  // holds the ifmap rows of a tile
  Bytes accumulators{1 << 20};  // weight stationary: holds the psums of a tile, one fold wide
  int word_bytes = 1;           // of an ifmap word
  int psum_bytes = 4;
};

// Weights stay, pixels stream: a pass is one (reduction <= rows) x (filters <= cols) fold over a tile of
// pixels. Loops, outermost first: group, pixels by tile, filters by cols, reduction by rows.
// Throws Error when not even one ofmap row's tile fits.
[[nodiscard]] std::unique_ptr<Schedule> weight_stationary_schedule(const LayerShape& shape,
                                                                   const SystolicArray& array,
                                                                   const std::string& where);

// Sums stay, operands stream: a pass is one (pixels <= rows) x (filters <= cols) fold over the whole
// reduction. Loops, outermost first: group, pixels by rows, filters by cols.
[[nodiscard]] std::unique_ptr<Schedule> output_stationary_schedule(const LayerShape& shape,
                                                                   const SystolicArray& array,
                                                                   const std::string& where);

}  // namespace basil
