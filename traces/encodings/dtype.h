// The types of an operand's values, and their words in the trace file, the recipes and the tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace basil {

// Integers in two's complement (intN) or from zero on (uintN) of N bits, and real numbers.
// clang-format off
enum class Dtype {
  int2, int3, int4, int5, int6, int7, int8, int9, int10, int11, int12, int13, int14, int15, int16,
  uint1, uint2, uint3, uint4, uint5, uint6, uint7, uint8,
  fp32
};
// clang-format on

[[nodiscard]] int bits_of(Dtype dtype);
[[nodiscard]] std::int32_t lowest(Dtype dtype);   // least representable integer (0 for fp32)
[[nodiscard]] std::int32_t highest(Dtype dtype);  // greatest representable integer (0 for fp32)
// The dtype of fewest bits that holds `least` to `greatest`, signed where either will do. Throws Error at
// `where` for what no dtype holds.
[[nodiscard]] Dtype narrowest(std::int32_t least, std::int32_t greatest, const std::string& where);

[[nodiscard]] std::string_view to_string(Dtype dtype);
// Error at `where` for another word.
[[nodiscard]] Dtype parse_dtype(const std::string& word, const std::string& where);

}  // namespace basil
