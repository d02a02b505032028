#include "traces/golden/sum_width.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "core/error.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// The greatest magnitude of an operand's integers: by what its dtype allows, or by what is there.
std::int64_t greatest_allowed(const Operand& operand) {
  return std::max<std::int64_t>(highest(operand.dtype), -std::int64_t{lowest(operand.dtype)});
}
std::int64_t greatest_held(const Operand& operand) {
  std::int16_t low = 0, high = 0;
  for (const std::int16_t value : operand.values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return std::max<std::int64_t>(high, -std::int64_t{low});
}

using Greatest = std::int64_t (*)(const Operand&);

// Of a word that a weight is multiplied with.
std::int64_t greatest_word(const Layer& layer, Greatest greatest) {
  const Encoding as = layer.weights.encoding;
  return as->max_word != nullptr ? as->max_word(layer.weights) : greatest(layer.ifmap);
}

std::int64_t bound_by(const Layer& layer, Greatest greatest) {
  std::int64_t bias = 0;
  for (const std::int64_t value : layer.bias) bias = std::max(bias, std::abs(value));
  return layer.shape.reduction() * max_weight(layer.weights, greatest(layer.weights)) *
             greatest_word(layer, greatest) +
         bias;
}

}  // namespace

std::string_view to_string(Overflow overflow) {
  switch (overflow) {
    case Overflow::error:
      return "error";
    case Overflow::saturate:
      return "saturate";
    case Overflow::wrap:
      break;
  }
  return "wrap";
}

Overflow parse_overflow(const std::string& word, const std::string& where) {
  for (const Overflow overflow : {Overflow::error, Overflow::saturate, Overflow::wrap}) {
    if (to_string(overflow) == word) return overflow;
  }
  throw Error(where, "'" + word + "'", "error, saturate or wrap");
}

int bits_of_sum(std::int64_t sum) {
  return std::bit_width(static_cast<std::uint64_t>(sum < 0 ? ~sum : sum)) + 1;
}

std::int64_t sum_bound(const Layer& layer) { return bound_by(layer, greatest_held); }

bool may_overflow(const Layer& layer, const SumWidth& width) {
  if (layer.weights.is_real() || bits_of_sum(bound_by(layer, greatest_allowed)) <= width.psum_bits)
    return false;
  return bits_of_sum(sum_bound(layer)) > width.psum_bits;
}

}  // namespace basil
