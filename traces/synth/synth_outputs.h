// Bias and output scale of a synthetic layer. Its operands are drawn and have scale 1.
#pragma once

#include "traces/trace.h"

namespace basil {

// Sets bias and output.scale so that `density` of the requantised outputs are not zero and the greatest just
// fills output.dtype: the bias is the quantile of the golden sums, moved by what rounding takes away. Sums
// that tie at the quantile are let through filter by filter, so the miss is at most half the ties of one
// filter.
void reach_ofmap_density(Layer& layer, double density);

// No bias; output.scale such that four standard deviations of the sums fill output.dtype.
void spread_outputs(Layer& layer);

}  // namespace basil
