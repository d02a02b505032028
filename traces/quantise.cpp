#include "traces/quantise.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace basil {
namespace {

inline constexpr double greatest_bias_sum = 0x1p30;

Layer listed(const DenseLayer& dense) {
  Layer layer;
  layer.name = dense.name;
  layer.kind = dense.kind;
  layer.shape = dense.shape;
  return layer;
}

Extent weights_extent(const LayerShape& s) { return {s.K, s.R, s.S, s.channels_per_group()}; }
Extent ifmap_extent(const LayerShape& s) { return {s.N, s.H, s.W, s.C}; }

// The least scale at which neither weights nor bias leave their range; 0 where all of them are 0.
double filter_scale(std::span<const float> weights, double bias, double activation_scale, Dtype dtype) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  return std::max(static_cast<double>(largest) / highest(dtype),
                  std::abs(bias) / (activation_scale * greatest_bias_sum));
}

std::vector<float> weight_scales(const DenseLayer& dense, const Quantise& step) {
  const auto size = static_cast<std::size_t>(dense.shape.reduction());
  const std::span<const float> weights = dense.weights;
  std::vector<double> scales;
  for (std::size_t k = 0; k < static_cast<std::size_t>(dense.shape.K); ++k) {
    const double bias = dense.bias.empty() ? 0.0 : static_cast<double>(dense.bias[k]);
    scales.push_back(filter_scale(weights.subspan(k * size, size), bias,
                                  static_cast<double>(dense.activation_scale), step.dtype));
  }
  if (!step.per_channel) scales = {*std::max_element(scales.begin(), scales.end())};
  std::vector<float> rounded;
  for (const double scale : scales) {
    const auto narrow = static_cast<float>(scale);
    rounded.push_back(std::isnormal(narrow) ? narrow : 1.0F);
  }
  return rounded;
}

Operand quantised_weights(const DenseLayer& dense, const Quantise& step) {
  std::vector<float> scales = weight_scales(dense, step);
  const auto size = static_cast<std::size_t>(dense.shape.reduction());
  const auto top = static_cast<float>(highest(step.dtype));
  std::vector<std::int16_t> values;
  values.reserve(dense.weights.size());
  for (std::size_t i = 0; i < dense.weights.size(); ++i) {
    const float scale = scales.size() == 1 ? scales[0] : scales[i / size];
    values.push_back(
        static_cast<std::int16_t>(std::clamp(std::nearbyint(dense.weights[i] / scale), -top, top)));
  }
  return encode(Encoding::dense, step.dtype, weights_extent(dense.shape), std::move(values),
                std::move(scales));
}

}  // namespace

Layer real_layer(const DenseLayer& dense) {
  Layer layer = listed(dense);
  layer.weights = encode_real(Encoding::dense, weights_extent(dense.shape), dense.weights);
  std::vector<float> ifmap;
  ifmap.reserve(dense.ifmap.size());
  for (const std::int16_t value : dense.ifmap)
    ifmap.push_back(static_cast<float>(value) * dense.activation_scale);
  layer.ifmap = encode_real(Encoding::dense, ifmap_extent(dense.shape), std::move(ifmap));
  layer.bias_real = dense.bias;
  layer.output = {Dtype::fp32, 1.0F, dense.relu};
  return layer;
}

Layer quantise(const DenseLayer& dense, const Quantise& step) {
  if (step.dtype == Dtype::fp32) return real_layer(dense);
  Layer layer = listed(dense);
  layer.weights = quantised_weights(dense, step);
  layer.ifmap = encode(Encoding::dense, dense.activation_dtype, ifmap_extent(dense.shape), dense.ifmap,
                       {dense.activation_scale});
  for (std::size_t k = 0; k < dense.bias.size(); ++k) {
    const double step_size = static_cast<double>(dense.activation_scale) *
                             static_cast<double>(layer.weights.scale(static_cast<int>(k)));
    layer.bias.push_back(std::llround(static_cast<double>(dense.bias[k]) / step_size));
  }
  layer.output = {dense.activation_dtype, 1.0F, dense.relu};
  return layer;
}

}  // namespace basil
