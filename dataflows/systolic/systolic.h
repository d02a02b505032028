// Systolic dataflows: the layer as a matrix product, folded over a grid of PEs.
#pragma once

#include "core/units.h"
#include "dataflows/schedule.h"
#include "traces/shape.h"

namespace basil {

// What of a machine the dataflows must know.
struct SystolicArray {
  int rows = 32, cols = 32;
  Bytes ifmap_buffer{1 << 20};     // holds the ifmap rows of a block
  Bytes accumulators{1 << 20};     // holds the psums of a tile, one fold wide
  bool accumulators_apart = true;  // else they lie in the ifmap buffer, at most in half of it
  int word_bytes = 1;              // of an ifmap word
  int psum_bytes = 4;
};

// The sums that a fold adds to.
[[nodiscard]] OutputBlock fold_outputs(const GemmPass& pass);

// Both dataflows hold a block of ifmap: whole images as far as they fit, else the rows behind ofmap rows of
// one image. It comes in once, and the block's pixels are cut into tiles that never reach beyond it. So the
// ifmap is fetched once, but for the rows that blocks of an image share (R - stride of them, dilated, at each
// seam).

// Weights stay, pixels stream: a pass is one (reduction <= rows) x (filters <= cols) fold over a tile of
// pixels, as many as the accumulators hold. Loops, outermost first: group, block, tile, filters by cols,
// reduction by rows. Throws Error when not even one ofmap row's block or one pixel's psums fit.
[[nodiscard]] std::unique_ptr<Schedule> weight_stationary_schedule(const LayerShape& shape,
                                                                   const SystolicArray& array,
                                                                   const std::string& where);

// Sums stay, operands stream: a pass is one (pixels <= rows) x (filters <= cols) fold over the whole
// reduction. Loops, outermost first: group, block, pixels by rows, filters by cols. Errors as above.
[[nodiscard]] std::unique_ptr<Schedule> output_stationary_schedule(const LayerShape& shape,
                                                                   const SystolicArray& array,
                                                                   const std::string& where);

}  // namespace basil
