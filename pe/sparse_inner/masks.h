// Masks as 64-bit words, one bit a position, set where the value is not zero.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/slice.h"

namespace basil {

// Sets those of bits at, at + 1, ... of `out` whose like among bits first, first + 1, ... of `from` is set.
void copy_bits(const std::uint64_t* from, std::int64_t first, std::int64_t count, std::uint64_t* out,
               std::int64_t at);
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
