#include "traces/synth/synth_outputs.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "traces/golden/golden.h"

namespace basil {
namespace {

// The greatest sum that must not pass if `wanted` of them shall: one is left out, or none.
std::int64_t quantile(std::vector<std::int64_t> sums, std::size_t wanted) {
  if (wanted >= sums.size()) return *std::min_element(sums.begin(), sums.end()) - 1;
  const auto place = sums.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::nth_element(sums.begin(), place, sums.end(), std::greater<>());
  return *place;
}

// For each filter whether its sums equal to `quantile` pass too, so that about `wanted` pass in all.
std::vector<bool> filters_that_pass_ties(const std::vector<std::int64_t>& sums, std::size_t filters,
                                         std::int64_t quantile, std::size_t wanted) {
  std::vector<std::int64_t> ties(filters);
  auto missing = static_cast<std::int64_t>(wanted);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    missing -= sums[i] > quantile ? 1 : 0;
    ties[i % filters] += sums[i] == quantile ? 1 : 0;
  }
  std::vector<bool> pass(filters);
  for (std::size_t k = 0; k < filters; ++k) {
    pass[k] = ties[k] > 0 && ties[k] < 2 * missing;  // nearer to `wanted` with this filter than without
    if (pass[k]) missing -= ties[k];
  }
  return pass;
}

// Mean square over all positions, exact up to the division: 2^31 squares of 11 bits fit.
double mean_square(const Operand& operand) {
  std::int64_t sum = 0;
  for (const std::int16_t value : operand.values) sum += std::int64_t{value} * value;
  return static_cast<double>(sum) / static_cast<double>(operand.extent.positions());
}

}  // namespace

void reach_ofmap_density(Layer& layer, double density) {
  const std::vector<std::int64_t> sums = run_golden(layer).sums;
  const auto wanted = static_cast<std::size_t>(std::llround(density * static_cast<double>(sums.size())));
  const std::int64_t last_out = quantile(sums, wanted);
  const std::int64_t range = *std::max_element(sums.begin(), sums.end()) - last_out;
  // last_out lands on half a step, which rounds to zero (to even); the greatest sum on `highest` steps.
  layer.output.scale = range > 0
                           ? static_cast<float>(static_cast<double>(range) /
                                                (static_cast<double>(highest(layer.output.dtype)) - 0.5))
                           : 1.0F;
  const auto half_step = static_cast<std::int64_t>(std::floor(double{layer.output.scale} / 2));
  const auto filters = static_cast<std::size_t>(layer.shape.K);
  layer.bias.assign(filters, half_step - last_out);
  const std::vector<bool> pass = filters_that_pass_ties(sums, filters, last_out, wanted);
  for (std::size_t k = 0; k < filters; ++k) layer.bias[k] += pass[k] ? 1 : 0;
}

void spread_outputs(Layer& layer) {
  const double deviation = std::sqrt(mean_square(layer.ifmap) * mean_square(layer.weights) *
                                     static_cast<double>(layer.shape.reduction()));
  layer.output.scale = deviation > 0 ? static_cast<float>(4 * deviation / highest(layer.output.dtype)) : 1.0F;
}

}  // namespace basil
