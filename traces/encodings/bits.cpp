#include "traces/encodings/bits.h"

#include <bit>

namespace basil::bits {

std::int64_t count(const Words& bits) {
  std::int64_t set = 0;
  for (const std::uint64_t word : bits) set += std::popcount(word);
  return set;
}

std::int64_t set_before(const Words& bits, std::int64_t length) {
  std::int64_t before = 0;
  for (std::int64_t word = 0; word < length / 64; ++word)
    before += std::popcount(bits[static_cast<std::size_t>(word)]);
  if (length % 64 == 0) return before;
  return before + std::popcount(bits[static_cast<std::size_t>(length / 64)] &
                                ((std::uint64_t{1} << (length % 64)) - 1));
}

bool tail_is_clear(const Words& bits, std::int64_t length) {
  return length % 64 == 0 || bits.back() >> (length % 64) == 0;
}

void append(const Words& from, std::int64_t first, std::int64_t end, Words& to, std::int64_t& length) {
  to.resize(words(length + end - first));
  for (std::int64_t place = first; place < end; ++place) set(to, length++, at(from, place));
}

Words stretches(const Words& from, std::int64_t places, int depth, Range stretch) {
  Words to;
  std::int64_t length = 0;
  for (std::int64_t place = 0; place < places; ++place)
    append(from, place * depth + stretch.first, place * depth + stretch.end, to, length);
  return to;
}

}  // namespace basil::bits
