#include "traces/synth/density_only.h"

#include <algorithm>

#include "core/random_stream.h"
#include "traces/encodings/encodings.h"

namespace basil {
namespace {

// Every order alike (Durstenfeld, CACM 7, 1964).
template <class T>
std::vector<T> shuffled(std::vector<T> values, RandomStream& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  }
  return values;
}

// Weights of filters with as many terms change places, all their terms at once.
void shuffle_codes(Operand& weights, RandomStream& random) {
  const std::int64_t filter = weights.extent.positions() / weights.extent.outer;
  const std::vector<std::int64_t> starts = power_of_two::starts(weights);
  for (int terms = 1; terms <= power_of_two::greatest_terms; ++terms) {
    std::vector<std::int64_t> places;  // of the weights' first terms
    for (std::size_t k = 0; k < weights.terms.size(); ++k) {
      if (weights.terms[k] != terms) continue;
      for (std::int64_t i = 0; i < filter; ++i) places.push_back(starts[k] + i);
    }
    const std::vector<std::int64_t> from = shuffled(places, random);
    const std::vector<std::int16_t> codes = weights.values;
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (int term = 0; term < terms; ++term) {
        weights.values[static_cast<std::size_t>(places[i] + term * filter)] =
            codes[static_cast<std::size_t>(from[i] + term * filter)];
      }
    }
  }
}

void shuffle_coefficients(Operand& weights, RandomStream& random) {
  const std::vector<std::int16_t> coefficients = shuffled(basis::coefficients(weights), random);
  const std::vector<std::int16_t> set = bitmap::pack(coefficients, weights);
  weights.signs.assign(weights.signs.size(), 0);
  for (std::size_t i = 0; i < set.size(); ++i)
    weights.signs[i / 64] |= std::uint64_t{set[i] < 0 ? 1U : 0U} << (i % 64);
}

Operand elsewhere(const Operand& operand, RandomStream& random) {
  Operand moved = operand;
  switch (operand.encoding) {
    case Encoding::power_of_two:
      shuffle_codes(moved, random);
      return moved;
    case Encoding::basis:
      shuffle_coefficients(moved, random);
      return moved;
    case Encoding::comparator:
      moved.values = shuffled(operand.values, random);
      return moved;
    case Encoding::binary:
      return moved;
    default:
      break;
  }
  if (operand.is_real()) {
    return encode_real(operand.encoding, operand.extent, shuffled(decode_real(operand), random),
                       operand.run_bits);
  }
  return encode(operand.encoding, operand.dtype, operand.extent, shuffled(decode(operand), random),
                operand.scales, operand.run_bits);
}

}  // namespace

Trace density_only(const Trace& trace, std::uint64_t seed) {
  Trace moved = trace;
  for (Layer& layer : moved.layers) {
    if (!layer.simulated()) continue;
    RandomStream weights(seed, layer.name + " weights"), ifmap(seed, layer.name + " ifmap");
    layer.weights = elsewhere(layer.weights, weights);
    layer.ifmap = elsewhere(layer.ifmap, ifmap);
  }
  check(moved);
  return moved;
}

}  // namespace basil
