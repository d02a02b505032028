// From real weights to sums of signed powers of two.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"

namespace basil {

// Each filter a sum of signed powers of two times a scale that suits it (LightNN, FLightNN). Filters of zeros
// take no term; the others `terms` each, or as one of the next two says.
struct FitPowerOfTwo {
  int terms = 2;                          // 1 or 2
  std::optional<double> threshold = {};   // one, but two where the relative error with one is above this
  std::optional<double> mean_terms = {};  // one, but two for those that gain most, until this is the mean
  bool per_channel = true;                // a scale for each filter, else one a layer
};

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
