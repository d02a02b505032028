#include "traces/golden/golden.h"

#include <algorithm>
#include <cmath>

#include "traces/encodings/encode.h"
#include "traces/golden/golden_layers.h"

namespace basil {
namespace {

std::vector<float> magnitudes(std::vector<float> values) {
  for (float& value : values) value = std::fabs(value);
  return values;
}

// The ifmap that the weights are multiplied with: word by word what their encoding makes of it.
std::vector<std::int16_t> plain_ifmap(const Layer& layer) {
  std::vector<std::int16_t> ifmap = decode(layer.ifmap);
  const auto word = layer.weights.encoding->ifmap_word;
  if (word == nullptr) return ifmap;
  for (std::size_t i = 0; i < ifmap.size(); ++i)
    ifmap[i] = word(layer.weights, static_cast<int>(i % static_cast<std::size_t>(layer.shape.C)), ifmap[i]);
  return ifmap;
}

}  // namespace

golden::PlainLayer golden::plain_layer(const Layer& layer) {
  const LayerShape& s = layer.shape;
  const WindowWords* words = layer.weights.encoding->window_words;
  if (words == nullptr) return {s, plain_ifmap(layer), decode(layer.weights)};
  return {.shape = {.N = s.N, .C = s.C, .H = s.P(), .W = s.Q(), .K = s.K},
          .ifmap = words_of_windows(s, decode(layer.ifmap), layer.weights),
          .weights = words->weights(layer.weights)};
}

Ofmap run_golden(const Layer& layer) {
  const LayerShape& s = layer.shape;
  Ofmap ofmap;
  ofmap.N = s.N;
  ofmap.P = s.P();
  ofmap.Q = s.Q();
  ofmap.K = s.K;
  if (layer.weights.is_real()) {
    ofmap.reals = golden::run_reals(s, decode_real(layer.ifmap), decode_real(layer.weights), layer.bias_real);
  } else {
    golden::PlainLayer plain = golden::plain_layer(layer);
    ofmap.sums = golden::run_integers(plain.shape, plain.ifmap, std::move(plain.weights), layer.bias);
  }
  return ofmap;
}

std::vector<double> fp32_bound(const Layer& layer) {
  std::vector<double> bound =
      golden::run_reals(layer.shape, magnitudes(decode_real(layer.ifmap)),
                        magnitudes(decode_real(layer.weights)), magnitudes(layer.bias_real));
  const double terms = static_cast<double>(layer.shape.reduction()) + (layer.bias_real.empty() ? 0.0 : 1.0);
  const double unit_errors = std::min(terms * 0x1p-24, 0.5);  // n u, u the unit roundoff of fp32
  // Below 2^-126 a product is off by half of fp32's least number, whatever its size.
  for (double& value : bound) value = value * 2.0 * unit_errors / (1.0 - unit_errors) + terms * 0x1p-149;
  return bound;
}

}  // namespace basil
