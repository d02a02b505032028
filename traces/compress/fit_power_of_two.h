// From real weights to sums of signed powers of two.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"

namespace basil {

// The layer's weights as `fit` says. Scales minimise the squared error: the best of a search over two
// octaves, refined by least squares.
[[nodiscard]] Operand fit_power_of_two(const DenseLayer& dense, const FitPowerOfTwo& fit);

// One code (see operand.h) for each weight, and the scale at which they come nearest: 0 where all are 0.
struct OneTerm {
  std::vector<std::int16_t> codes;
  double scale = 0;
};
[[nodiscard]] OneTerm nearest_powers(std::span<const float> weights);

}  // namespace basil
