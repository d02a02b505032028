// A layer's sums held against the golden executor, at the machine's width.
#pragma once

#include <span>

#include "models/machine/chip.h"
#include "traces/golden/golden.h"

namespace basil {

// A layer that a chip has just run.
struct LayerRun {
  const Layer& layer;
  const Chip& chip;
  std::span<const int> order;  // filter i on the chip is order[i] of the layer; empty: the same
  const Ofmap& sums;           // filters in the order of the layer
};

// Throws Failure for the first sum, or for a count of sums that do not fit, that differs. `given`: the
// layer's exact golden sums, where the caller has them.
void verify(const LayerRun& run, const SumWidth& width, const SumStatistics& counted, const Ofmap* given);

// With `overflow: error`: throws Failure where some psum did not fit.
void refuse_overflow(const LayerRun& run, const SumWidth& width);

}  // namespace basil
