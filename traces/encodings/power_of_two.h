// Encoding `power_of_two`: each filter a sum of planes of signed powers of two (LightNN, FLightNN).
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil {

// Filter k is a sum of terms[k] planes of rows x cols x depth codes, planes of a filter one after the other,
// filters in order; dtype int4: code c stands for sign(c) * 2^(|c| - 1), 0 for 0, so a term is a sign and a
// 3-bit exponent.
struct PowerOfTwo {
  std::vector<std::uint8_t> terms;  // 0 to 2 for each filter
  friend bool operator==(const PowerOfTwo&, const PowerOfTwo&) = default;
};

extern const EncodingType power_of_two_encoding;

namespace power_of_two {

// The weight a code stands for.
[[nodiscard]] constexpr int value_of(int code) {
  return code == 0 ? 0 : (code < 0 ? -1 : 1) * (1 << ((code < 0 ? -code : code) - 1));
}
inline constexpr int max_code = 7;  // 2^6
inline constexpr int max_terms = 2;
inline constexpr int bits_a_term = 4, bits_of_terms = 2;  // a filter states its number of terms

// Codes before each filter, and of all.
[[nodiscard]] std::vector<std::int64_t> starts(const Operand& operand);

}  // namespace power_of_two

}  // namespace basil
