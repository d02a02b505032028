// The inner loops of the inner join: ANDs of masks and their population counts.
#pragma once

#include <cstdint>

namespace basil {

// Chunks of the same place: one of each of `pixels` patches, and those of the filters in `units` units.
struct JoinBlock {
  std::int64_t pixels = 0, patch_stride = 0;  // words from one patch's chunk to the next one's
  std::int64_t units = 0;
  std::int64_t words = 0;  // of a chunk
  int filters_a_unit = 1;  // 1 or 2
};

struct JoinTotals {
  std::int64_t matches = 0;
  std::int64_t without = 0;  // units that found no match
};

// Adds to each pixel's cycles what the chunk takes: the most matches of a unit, 1 at least. `filters`: units
// x filters_a_unit x words.
void join_chunk(const JoinBlock& block, const std::uint64_t* patches, const std::uint64_t* filters,
                std::int64_t* cycles, JoinTotals& totals);

// Positions set in both, over every pair of a patch and a filter, both `words` long and contiguous.
[[nodiscard]] std::int64_t count_common(const std::uint64_t* patches, std::int64_t pixels,
                                        const std::uint64_t* filters, std::int64_t count, std::int64_t words);

}  // namespace basil
