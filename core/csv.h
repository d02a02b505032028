// Comma-separated values (RFC 4180) that a spreadsheet opens as what they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace basil {

// A cell, quoted where it must be. One that a spreadsheet would take for a formula (it begins with =, +, -, @
// and is no number) gets an apostrophe before it.
[[nodiscard]] std::string csv_cell(std::string_view text);

// A row with its line's end.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& cells);

}  // namespace basil
