#include "traces/fit_binary.h"

#include <Eigen/Dense>
#include <cmath>

#include "traces/encodings.h"
#include "traces/golden.h"
#include "traces/quantise.h"

namespace basil {
namespace {

using Eigen::ArrayXd;
using Ifmap = Eigen::Array<std::int16_t, Eigen::Dynamic, Eigen::Dynamic>;  // a column a pixel

Eigen::Map<const Ifmap> ifmap_of(const DenseLayer& dense) {
  return {dense.ifmap.data(), dense.shape.C, static_cast<Eigen::Index>(dense.ifmap.size()) / dense.shape.C};
}

// A column for each filter.
Eigen::Map<const Eigen::ArrayXXf> filters_of(const DenseLayer& dense) {
  return {dense.weights.data(), static_cast<Eigen::Index>(dense.shape.reduction()), dense.shape.K};
}

std::vector<std::uint64_t> sign_bits(const std::vector<float>& weights) {
  std::vector<std::uint64_t> bits(bitmap::words(static_cast<std::int64_t>(weights.size())));
  for (std::size_t i = 0; i < weights.size(); ++i)
    bits[i / 64] |= std::uint64_t{weights[i] >= 0 ? 1U : 0U} << (i % 64);
  return bits;
}

// Means of sums (in any unit) over the pixels, one for each filter.
template <class Sum>
ArrayXd means(const std::vector<Sum>& sums, int filters) {
  using Matrix = Eigen::Array<Sum, Eigen::Dynamic, Eigen::Dynamic>;
  return Eigen::Map<const Matrix>(sums.data(), filters, static_cast<Eigen::Index>(sums.size()) / filters)
      .template cast<double>()
      .rowwise()
      .mean();
}

}  // namespace

Layer fit_binary(const DenseLayer& dense) {
  const Eigen::ArrayXXd ifmap = ifmap_of(dense).cast<double>();
  const ArrayXd thresholds = ifmap.rowwise().mean().rint();
  const double distance = (ifmap.colwise() - thresholds).abs().mean();
  const ArrayXd magnitudes = filters_of(dense).abs().cast<double>().colwise().mean();

  Operand weights;
  weights.encoding = Encoding::binary;
  weights.dtype = Dtype::int16;
  weights.extent = weights_extent(dense.shape);
  weights.bitmap = sign_bits(dense.weights);
  for (const double threshold : thresholds) weights.values.push_back(static_cast<std::int16_t>(threshold));
  weights.scales.assign(static_cast<std::size_t>(dense.shape.K), 1.0F);

  DenseLayer refitted = dense;
  refitted.bias.clear();
  const ArrayXd agreements = means(run_golden(integer_layer(refitted, weights)).sums, dense.shape.K);
  const ArrayXd units = magnitudes * distance * static_cast<double>(dense.activation_scale);
  const ArrayXd biases = means(run_golden(real_layer(dense)).reals, dense.shape.K) - units * agreements;
  for (const double bias : biases) refitted.bias.push_back(static_cast<float>(bias));
  for (int k = 0; k < dense.shape.K; ++k)
    weights.scales[static_cast<std::size_t>(k)] = usable_scale(magnitudes[k] * distance, refitted, k);
  return integer_layer(refitted, std::move(weights));
}

}  // namespace basil
