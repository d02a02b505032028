#include "pe/sparse_inner/join_kernels.h"

#include <algorithm>
#include <bit>

#include "core/vectorised.h"

namespace basil {
namespace {

// Words and filters known to the compiler where positive.
template <int fixed_words, int filters_a_unit>
__attribute__((always_inline)) inline void join(const JoinBlock& block, const std::uint64_t* patches,
                                                const std::uint64_t* filters, std::int64_t* cycles,
                                                JoinTotals& totals) {
  const std::int64_t words = fixed_words > 0 ? fixed_words : block.words;
  std::int64_t all = 0, without = 0;
  for (std::int64_t pixel = 0; pixel < block.pixels; ++pixel, patches += block.patch_stride) {
    const std::uint64_t* filter = filters;
    std::int64_t most = 1;
    for (std::int64_t unit = 0; unit < block.units; ++unit) {
      std::int64_t matches = 0;
      for (int second = 0; second < filters_a_unit; ++second, filter += words) {
        for (std::int64_t word = 0; word < words; ++word) {
          matches += std::popcount(patches[word] & filter[word]);
        }
      }
      most = std::max(most, matches);
      all += matches;
      without += matches == 0 ? 1 : 0;
    }
    cycles[pixel] += most;
  }
  totals.matches += all;
  totals.without += without;
}

template <int filters_a_unit>
__attribute__((always_inline)) inline void join_words(const JoinBlock& block, const std::uint64_t* patches,
                                                      const std::uint64_t* filters, std::int64_t* cycles,
                                                      JoinTotals& totals) {
  if (block.words == 1) return join<1, filters_a_unit>(block, patches, filters, cycles, totals);
  if (block.words == 2) return join<2, filters_a_unit>(block, patches, filters, cycles, totals);
  join<0, filters_a_unit>(block, patches, filters, cycles, totals);
}

}  // namespace

BASIL_VECTORISED
void join_chunk(const JoinBlock& block, const std::uint64_t* patches, const std::uint64_t* filters,
                std::int64_t* cycles, JoinTotals& totals) {
  if (block.filters_a_unit == 1) return join_words<1>(block, patches, filters, cycles, totals);
  join_words<2>(block, patches, filters, cycles, totals);
}

BASIL_VECTORISED
std::int64_t count_common(const std::uint64_t* patches, std::int64_t pixels, const std::uint64_t* filters,
                          std::int64_t count, std::int64_t words) {
  std::int64_t common = 0;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel, patches += words) {
    for (std::int64_t filter = 0; filter < count; ++filter) {
      const std::uint64_t* weights = filters + filter * words;
      for (std::int64_t word = 0; word < words; ++word)
        common += std::popcount(patches[word] & weights[word]);
    }
  }
  return common;
}

}  // namespace basil
