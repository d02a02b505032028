// The words of encodings and dtypes, in the trace file, the recipes and the tables.
#pragma once

#include <string>
#include <string_view>

#include "traces/encodings/operand.h"

namespace basil {

[[nodiscard]] std::string_view to_string(Encoding encoding);
[[nodiscard]] std::string_view to_string(Dtype dtype);
// Error at `where` for another word.
[[nodiscard]] Encoding parse_encoding(const std::string& word, const std::string& where);
[[nodiscard]] Dtype parse_dtype(const std::string& word, const std::string& where);

}  // namespace basil
