#include "pe/sparse_inner/masks.h"

#include <algorithm>
#include <bit>

#include "core/vectorised.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

inline constexpr std::int64_t word_bits = 64;

// By the encoding itself where it can, else from what it decodes to.
const std::uint64_t* map_of(const Operand& operand, std::vector<std::uint64_t>& packed) {
  if (operand.encoding->nonzero_map != nullptr) return operand.encoding->nonzero_map(operand, packed);
  const std::vector<std::int16_t> dense = decode(operand);
  packed.assign(bits::words(operand.extent.positions()), 0);
  for (std::size_t i = 0; i < dense.size(); ++i)
    bits::set(packed, static_cast<std::int64_t>(i), dense[i] != 0);
  return packed.data();
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

NonzeroMap::NonzeroMap(const Operand& operand) : words_(map_of(operand, packed_)) {}

}  // namespace basil
