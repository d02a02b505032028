// Masks as 64-bit words, one bit a position, set where the value is not zero.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "traces/encodings/slice.h"

namespace basil {

// Sets those of bits at, at + 1, ... of `out` whose like among bits first, first + 1, ... of `from` is set.
inline void copy_bits(const std::uint64_t* from, std::int64_t first, std::int64_t count, std::uint64_t* out,
                      std::int64_t at) {
  constexpr std::uint64_t word_bits = 64;
  auto source = static_cast<std::uint64_t>(first), target = static_cast<std::uint64_t>(at);
  for (auto left = static_cast<std::uint64_t>(count); left > 0;) {
    const std::uint64_t into = target % word_bits, skipped = source % word_bits;
    const std::uint64_t bits = std::min(left, word_bits - into);
    const std::uint64_t* word = from + source / word_bits;
    std::uint64_t piece = word[0] >> skipped;
    if (skipped + bits > word_bits) piece |= word[1] << (word_bits - skipped);
    if (bits < word_bits) piece &= (std::uint64_t{1} << bits) - 1;
    out[target / word_bits] |= piece << into;
    source += bits;
    target += bits;
    left -= bits;
  }
}
[[nodiscard]] std::int64_t count_ones(const std::uint64_t* words, std::int64_t count);

// The mask of a side that is not skipped.
[[nodiscard]] std::vector<std::uint64_t> ones(std::int64_t positions);

// Of an integer operand, in the flat order of Extent: its own bitmap where it is encoded so.
class NonzeroMap {
 public:
  explicit NonzeroMap(const Operand& operand);
  [[nodiscard]] const std::uint64_t* words() const { return words_; }

 private:
  std::vector<std::uint64_t> packed_;  // of any other encoding
  const std::uint64_t* words_;
};

}  // namespace basil
