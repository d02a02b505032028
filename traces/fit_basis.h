// From real weights to basis kernels and ternary coefficients.
#pragma once

#include "traces/dense_network.h"
#include "traces/recipe.h"

namespace basil {

// The layer's weights as `fit` says: W[k, c] ~ scale[k] * sum over m of Ce[k, m, c] * B[m], Ce ternary, B
// int8. B starts as the principal components of the layer's kernels; then coefficients (each to the nearest
// of -1, 0 and 1 after a soft threshold, the others held), kernels and scales are fitted in turn by least
// squares (after PENNI, which retrains the network in between; we have no training data and do not). The
// layer must have a window of more than one place.
[[nodiscard]] Operand fit_basis(const DenseLayer& dense, const FitBasis& fit);

// Kernels of a fit on that layer: as said, or 6 where the window has as many places.
[[nodiscard]] int bases_of(const FitBasis& fit, const LayerShape& shape);

}  // namespace basil
