#include "traces/network/real_numbers.h"

#include <cmath>

namespace basil {

DenseLayer with_reals(DenseLayer layer) {
  if (!layer.codes || !layer.weights.empty()) return layer;
  const WeightCodes& codes = *layer.codes;
  const auto filter = static_cast<std::size_t>(layer.shape.reduction());
  layer.weights.reserve(codes.values.size());
  for (std::size_t i = 0; i < codes.values.size(); ++i) {
    const std::size_t k = i / filter;
    layer.weights.push_back(static_cast<float>(codes.values[i] - codes.zero_point(k)) * codes.scale(k));
  }
  for (std::size_t k = 0; k < layer.bias_sums.size(); ++k) {
    const double unit = double{layer.activation_scale} * double{codes.scale(k)};
    layer.bias.push_back(static_cast<float>(static_cast<double>(layer.bias_sums[k]) * unit));
  }
  return layer;
}

std::vector<std::int16_t> ifmap_integers(const DenseLayer& layer) {
  std::vector<std::int16_t> integers = layer.ifmap;
  if (layer.activation_zero_point == 0) return integers;
  for (std::int16_t& integer : integers)
    integer = static_cast<std::int16_t>(integer - layer.activation_zero_point);
  return integers;
}

}  // namespace basil
