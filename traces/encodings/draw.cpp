#include "traces/encodings/draw.h"

#include <algorithm>

#include "traces/encodings/bits.h"

namespace basil {

std::vector<std::int16_t> draw_values(Dtype dtype, std::int64_t count, int zeros, RandomStream& random) {
  const std::int64_t low = lowest(dtype), range = highest(dtype) - low + 1;
  std::vector<std::int16_t> values(static_cast<std::size_t>(count));
  for (std::int16_t& value : values) {
    if (random.below(100) >= zeros) value = static_cast<std::int16_t>(low + random.below(range));
  }
  return values;
}

bits::Words draw_bits(std::int64_t count, int zeros, RandomStream& random) {
  bits::Words drawn(bits::words(count));
  for (std::int64_t place = 0; place < count; ++place) bits::set(drawn, place, random.below(100) >= zeros);
  return drawn;
}

std::vector<std::int16_t> draw_codes(std::int64_t count, int zeros, RandomStream& random) {
  std::vector<std::int16_t> codes = draw_values(Dtype::int4, count, zeros, random);
  for (std::int16_t& code : codes)
    code = static_cast<std::int16_t>(std::max<std::int32_t>(code, -highest(Dtype::int4)));
  return codes;
}

}  // namespace basil
