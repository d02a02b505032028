// Which of a run of words are not zero, one bit each.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace basil {

// Overwrites `map` with ceil(count / 64) words; bits past the end are 0.
void map_nonzeros(const std::int16_t* values, std::int64_t count, std::vector<std::uint64_t>& map);

// Calls visit(index) for each bit set, in order.
template <class Visit>
void for_each_bit(const std::vector<std::uint64_t>& map, Visit&& visit) {
  for (std::size_t word = 0; word < map.size(); ++word) {
    for (std::uint64_t bits = map[word]; bits != 0; bits &= bits - 1) {
      visit(static_cast<int>(word * 64) + std::countr_zero(bits));
    }
  }
}

}  // namespace basil
