// Values, bits and codes at random, for the tests that try every encoding.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random_stream.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/dtype.h"

namespace basil {

// About `zeros` percent of them are 0 (bits: clear). Values span the dtype, an integer one.
[[nodiscard]] std::vector<std::int16_t> draw_values(Dtype dtype, std::int64_t count, int zeros,
                                                    RandomStream& random);
[[nodiscard]] bits::Words draw_bits(std::int64_t count, int zeros, RandomStream& random);
// Codes of signed powers of two, see power_of_two.h.
[[nodiscard]] std::vector<std::int16_t> draw_codes(std::int64_t count, int zeros, RandomStream& random);

}  // namespace basil
