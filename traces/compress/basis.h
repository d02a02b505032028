// From real weights to basis kernels and ternary coefficients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"

namespace basil {

// M basis kernels a layer and ternary coefficients (PENNI, ESCALATE), of conv layers with a window.
struct FitBasis {
  std::optional<int> bases = {};  // M; 6 where not said, or as many as the window has places
  std::optional<double> density =
      {};  // most coefficients that are not zero, as a share, in place of `sparsity`
  double sparsity =
      0;  // what a coefficient must take off the squared error, in units of ||W||^2 a coefficient
  int iterations = 10;
  std::string where = {};  // file:line:column of `bases`, for errors
};

// The layer's weights as `fit` says: W[k, c] ~ scale[k] * sum over m of Ce[k, m, c] * B[m], Ce ternary, B
// int8. B starts as the principal components of the layer's kernels; then coefficients, kernels and scales
// are fitted in turn by least squares. A coefficient becomes -1 or 1 only where that takes more than a price
// off the squared error, which is a soft threshold before rounding. (After PENNI, which retrains the network
// in between; here the weights alone are fitted.) The layer must have a window of more than one place.
[[nodiscard]] Operand fit_basis(const DenseLayer& dense, const FitBasis& fit);

// Kernels of a fit on that layer: as said, or 6 where the window has as many places.
[[nodiscard]] int bases_of(const FitBasis& fit, const LayerShape& shape);

}  // namespace basil
