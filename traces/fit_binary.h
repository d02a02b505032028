// From a convolution to signs.
#pragma once

#include "traces/dense_network.h"
#include "traces/trace.h"

namespace basil {

// The layer with weights sign(W) (0 counts as +1) and, for each channel, the mean of its ifmap as threshold
// (rounded). The scale of filter k is mean|W[k]|, times the mean distance of ifmap words from their
// thresholds since the words lose their size too (XNOR-Net, Rastegari et al., ECCV 2016: alpha and beta); the
// bias makes up for the means of the sums on the layer's own input. The layer must have no groups.
[[nodiscard]] Layer fit_binary(const DenseLayer& dense);

}  // namespace basil
