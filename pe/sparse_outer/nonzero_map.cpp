#include "pe/sparse_outer/nonzero_map.h"

#include <cstring>

#include "core/units.h"
#include "core/vectorised.h"

namespace basil {
namespace {

BASIL_VECTORISED
void flag_nonzeros(const std::int16_t* values, std::uint8_t* flags) {
  for (int i = 0; i < 64; ++i) flags[i] = values[i] != 0 ? 1 : 0;
}

// The lowest bits of eight bytes, side by side.
std::uint64_t pack(const std::uint8_t* flags) {
  std::uint64_t bytes = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&bytes, flags, sizeof bytes);
  } else {
    for (int i = 0; i < 8; ++i) bytes |= std::uint64_t{flags[i]} << (8 * i);
  }
  return bytes * 0x0102040810204080U >> 56;
}

}  // namespace

void map_nonzeros(const std::int16_t* values, std::int64_t count, std::vector<std::uint64_t>& map) {
  map.assign(static_cast<std::size_t>(ceil_div(count, 64)), 0);
  std::uint8_t flags[64];
  auto word = map.begin();
  for (; count >= 64; count -= 64, values += 64, ++word) {
    flag_nonzeros(values, flags);
    for (int i = 0; i < 8; ++i) *word |= pack(flags + 8 * i) << (8 * i);
  }
  for (std::int64_t i = 0; i < count; ++i) *word |= std::uint64_t{values[i] != 0} << i;
}

}  // namespace basil
