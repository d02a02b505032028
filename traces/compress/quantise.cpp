#include "traces/compress/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "traces/compress/author_codes.h"
#include "traces/encodings/encode.h"
#include "traces/network/real_numbers.h"

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

double greatest_magnitude(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  return static_cast<double>(largest);
}

std::vector<float> weight_scales(const DenseLayer& dense, const Quantise& step) {
  const std::span<const float> weights = dense.weights;
  if (!step.per_channel) return {usable_scale(greatest_magnitude(weights) / highest(step.dtype), dense, -1)};
  const auto size = static_cast<std::size_t>(dense.shape.reduction());
  std::vector<float> scales;
  for (int k = 0; k < dense.shape.K; ++k) {
    const double largest = greatest_magnitude(weights.subspan(static_cast<std::size_t>(k) * size, size));
    scales.push_back(usable_scale(largest / highest(step.dtype), dense, k));
  }
  return scales;
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
  return encode(&dense_encoding, step.dtype, weights_extent(dense.shape), std::move(values),
                std::move(scales));
}

}  // namespace

Layer real_layer(const DenseLayer& dense) {
  Layer layer = listed(dense);
  layer.weights = encode_real(&dense_encoding, weights_extent(dense.shape), dense.weights);
  std::vector<float> ifmap;
  ifmap.reserve(dense.ifmap.size());
  for (const std::int16_t value : dense.ifmap)
    ifmap.push_back(static_cast<float>(value) * dense.activation_scale);
  layer.ifmap = encode_real(&dense_encoding, ifmap_extent(dense.shape), std::move(ifmap));
  layer.bias_real = dense.bias;
  layer.output = {Dtype::fp32, 1.0F, dense.relu};
  return layer;
}

float usable_scale(double scale, const DenseLayer& dense, int k) {
  for (int filter = std::max(k, 0); filter < static_cast<int>(dense.bias.size()); ++filter) {
    const double bias = std::abs(static_cast<double>(dense.bias[static_cast<std::size_t>(filter)]));
    scale = std::max(scale, bias / (static_cast<double>(dense.activation_scale) * greatest_bias_sum));
    if (k >= 0) break;
  }
  const auto narrow = static_cast<float>(scale);
  return std::isnormal(narrow) ? narrow : 1.0F;
}

Layer integer_layer(const DenseLayer& dense, Operand weights) {
  Layer layer = listed(dense);
  layer.weights = std::move(weights);
  layer.ifmap = encode(&dense_encoding, ifmap_dtype(dense), ifmap_extent(dense.shape), ifmap_integers(dense),
                       {dense.activation_scale});
  layer.ifmap.codes = ifmap_codes(dense);
  for (std::size_t k = 0; k < dense.bias.size(); ++k) {
    const double step_size = static_cast<double>(dense.activation_scale) *
                             static_cast<double>(layer.weights.scale(static_cast<int>(k)));
    layer.bias.push_back(std::llround(static_cast<double>(dense.bias[k]) / step_size));
  }
  layer.output = {dense.activation_dtype, 1.0F, dense.relu};
  return layer;
}

Layer quantise(const DenseLayer& dense, const Quantise& step) {
  if (step.dtype == Dtype::fp32) return real_layer(dense);
  return integer_layer(dense, quantised_weights(dense, step));
}

namespace {

void read(YamlReader& reader, RecipeStep& step) {
  const std::string bits = reader.word("bits", {"4", "8", "16", "fp32"});
  const Quantise quantise{.dtype = parse_dtype(bits == "fp32" ? bits : "int" + bits, reader.where("bits")),
                          .per_channel = reader.word("per", {"layer", "channel"}, "channel") == "channel"};
  step.parameters = quantise;
  step.text = quantise.dtype == Dtype::fp32 ? std::string("leave in fp32")
                                            : fmt::format("quantise to {} a {}", to_string(quantise.dtype),
                                                          quantise.per_channel ? "channel" : "layer");
}

// Whether the dtype holds the integers as they are.
bool holds(Dtype dtype, const Operand& weights) {
  if (weights.is_real() || dtype == Dtype::fp32) return weights.dtype == dtype;
  return std::ranges::all_of(decode(weights), [dtype](std::int16_t value) {
    return value >= lowest(dtype) && value <= highest(dtype);
  });
}

void keep(const RecipeStep& step, Operand& weights) {
  const Dtype dtype = step.as<Quantise>().dtype;
  if (only_weights(weights.encoding))
    weights = encode(&dense_encoding, dtype, weights.extent, decode(weights), weights.scales);
  weights.dtype = dtype;
}

}  // namespace

extern const RecipeStepType quantise_step;
const RecipeStepType quantise_step{
    .name = "quantise",
    .summary = "integers of 4, 8 or 16 bits with a scale a layer or a filter; or fp32 left as it is",
    .example = "{bits: 8, per: channel}   # 4, 8, 16 or fp32; per layer or channel",
    .read = read,
    .make = [](const RecipeStep& step,
               const DenseLayer& layer) { return quantise(layer, step.as<Quantise>()); },
    .keeps =
        [](const RecipeStep& step, const Operand& weights) {
          return weights.encoding->convolves() && holds(step.as<Quantise>().dtype, weights);
        },
    .keep = keep,
};

}  // namespace basil
