#include "pe/sparse_inner/packed_chunk.h"

#include <bit>

namespace basil {

std::int16_t PackedChunk::at(std::int64_t position) const {
  const auto word = static_cast<std::size_t>(position / 64);
  const std::uint64_t below = (std::uint64_t{1} << (position % 64)) - 1;
  auto rank = static_cast<std::size_t>(std::popcount(mask[word] & below));
  for (std::size_t before = 0; before < word; ++before) {
    rank += static_cast<std::size_t>(std::popcount(mask[before]));
  }
  return values[rank];
}

PackedChunk pack_chunk(const std::int16_t* values, std::int64_t count, bool skip) {
  PackedChunk packed;
  packed.positions = count;
  packed.mask.resize(static_cast<std::size_t>(ceil_div(count, 64)));
  for (std::int64_t position = 0; position < count; ++position) {
    if (skip && values[position] == 0) continue;
    packed.mask[static_cast<std::size_t>(position / 64)] |= std::uint64_t{1} << (position % 64);
    packed.values.push_back(values[position]);
  }
  return packed;
}

}  // namespace basil
