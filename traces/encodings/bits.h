// One bit each, in words of 64, the LSB of word 0 first; bits past the end are 0.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/range.h"
#include "core/units.h"

namespace basil::bits {

using Words = std::vector<std::uint64_t>;

// Words that hold `count` bits.
[[nodiscard]] constexpr std::size_t words(std::int64_t count) {
  return static_cast<std::size_t>(ceil_div(count, 64));
}
[[nodiscard]] inline bool at(const Words& bits, std::int64_t place) {
  return (bits[static_cast<std::size_t>(place / 64)] >> (place % 64) & 1U) != 0;
}
inline void set(Words& bits, std::int64_t place, bool bit = true) {
  bits[static_cast<std::size_t>(place / 64)] |= std::uint64_t{bit ? 1U : 0U} << (place % 64);
}

// Bits set: of all, and among the first `length`.
[[nodiscard]] std::int64_t count(const Words& bits);
[[nodiscard]] std::int64_t set_before(const Words& bits, std::int64_t length);
// Whether no bit is set past the first `length` of as many words as these take.
[[nodiscard]] bool tail_is_clear(const Words& bits, std::int64_t length);

// Appends bits first .. end - 1 to the first `length` of `to`.
void append(const Words& from, std::int64_t first, std::int64_t end, Words& to, std::int64_t& length);
// Of bits that lie `depth` by `depth`, `places` times: a stretch of each.
[[nodiscard]] Words stretches(const Words& from, std::int64_t places, int depth, Range stretch);

}  // namespace basil::bits
