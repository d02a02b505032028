// The types of an operand's values, and their words in the trace file, the recipes and the tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace basil {

enum class Dtype { int4, int8, uint8, int16, fp32 };

[[nodiscard]] int bits_of(Dtype dtype);
[[nodiscard]] std::int32_t lowest(Dtype dtype);   // least representable integer (0 for fp32)
[[nodiscard]] std::int32_t highest(Dtype dtype);  // greatest representable integer (0 for fp32)

[[nodiscard]] std::string_view to_string(Dtype dtype);
// Error at `where` for another word.
[[nodiscard]] Dtype parse_dtype(const std::string& word, const std::string& where);

}  // namespace basil
