#include "pe/sparse_inner/masks.h"

#include <algorithm>
#include <bit>

#include "core/vectorised.h"

namespace basil {
namespace {

inline constexpr std::int64_t word_bits = 64;

BASIL_VECTORISED
void pack_values(const std::int16_t* values, std::int64_t count, std::uint64_t* out) {
  for (std::int64_t first = 0; first < count; first += word_bits) {
    const std::int64_t bits = std::min(word_bits, count - first);
    std::uint64_t word = 0;
    for (std::int64_t bit = 0; bit < bits; ++bit) { word |= std::uint64_t{values[first + bit] != 0} << bit; }
    out[first / word_bits] = word;
  }
}

void pack_pairs(const Operand& operand, std::uint64_t* out) {
  std::int64_t position = -1;
  for (std::size_t pair = 0; pair < operand.runs.size(); ++pair) {
    position += operand.runs[pair] + 1;
    out[position / word_bits] |= std::uint64_t{operand.values[pair] != 0} << (position % word_bits);
  }
}

std::vector<std::uint64_t> pack(const Operand& operand) {
  if (operand.encoding == Encoding::bitmap) return {};
  const std::int64_t positions = operand.extent.positions();
  std::vector<std::uint64_t> packed(static_cast<std::size_t>(ceil_div(positions, word_bits)));
  if (operand.encoding == Encoding::run_length) {
    pack_pairs(operand, packed.data());
  } else {
    pack_values(operand.values.data(), positions, packed.data());
  }
  return packed;
}

}  // namespace

BASIL_VECTORISED
std::int64_t count_ones(const std::uint64_t* words, std::int64_t count) {
  std::int64_t total = 0;
  for (std::int64_t word = 0; word < count; ++word) total += std::popcount(words[word]);
  return total;
}

std::vector<std::uint64_t> ones(std::int64_t positions) {
  std::vector<std::uint64_t> words(static_cast<std::size_t>(ceil_div(positions, word_bits)),
                                   ~std::uint64_t{0});
  if (positions % word_bits != 0) words.back() = (std::uint64_t{1} << (positions % word_bits)) - 1;
  return words;
}

NonzeroMap::NonzeroMap(const Operand& operand)
    : packed_(pack(operand)),
      words_(operand.encoding == Encoding::bitmap ? operand.bitmap.data() : packed_.data()) {}

}  // namespace basil
