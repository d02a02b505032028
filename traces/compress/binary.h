// From a convolution to signs.
#pragma once

#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// The layer with weights sign(W) (0 counts as +1) and, for each channel, the mean of its ifmap, rounded, as
// threshold. The scale of filter k is mean|W[k]| times what a sign of the ifmap stands for by least squares
// (alpha and beta of XNOR-Net, Rastegari et al., ECCV 2016); its bias keeps the mean of its sums on the
// layer's own input. Where a channel has fewer than 16 words, whose means would say nothing about other
// inputs, those of the whole ifmap stand in for them. The layer must have no groups.
[[nodiscard]] Layer fit_binary(const DenseLayer& dense);

}  // namespace basil
