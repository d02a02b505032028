// A chunk as SparTen stores it: a mask and the values it stands for, in order.
#pragma once

#include <cstdint>
#include <vector>

#include "core/units.h"

namespace basil {

struct PackedChunk {
  std::vector<std::uint64_t> mask;
  std::vector<std::int16_t> values;
  std::int64_t positions = 0;

  // The value at a position whose bit is set: counts the bits before it, as the prefix sum does.
  [[nodiscard]] std::int16_t at(std::int64_t position) const;
  // 16-bit pieces of the mask.
  [[nodiscard]] std::int64_t mask_pieces() const { return ceil_div(positions, 16); }
};

// `skip`: nonzeros only; else every one of the `count` values, the mask being all ones.
[[nodiscard]] PackedChunk pack_chunk(const std::int16_t* values, std::int64_t count, bool skip);

}  // namespace basil
