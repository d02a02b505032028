// A strict reader of value change dumps (IEEE 1364-2005, clause 18), made to test those that Basil writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace basil {

struct VcdVariable {
  std::string name;  // scopes and reference joined by dots, e.g. "top.array.active"
  std::string type;  // wire, reg, integer, real, ...
  int width = 1;
  std::string id;            // several variables may share one
  std::int64_t changes = 0;  // values given to the id, initial ones included
  std::string last;          // its last value as written, without the leading b or r
  std::vector<std::pair<std::int64_t, std::string>> history;  // times and values, in the file's order
};

// A vector of 0 and 1 as a whole number, and as letters of 8 bits, leading zeros left out.
[[nodiscard]] std::int64_t vcd_number(const std::string& value);
[[nodiscard]] std::string vcd_word(const std::string& value);

struct VcdSummary {
  std::string timescale;            // e.g. "1 ns"
  std::vector<std::string> scopes;  // full names in order of declaration
  std::vector<VcdVariable> variables;
  std::int64_t first_time = 0, last_time = 0;  // in units of the timescale

  // Error with the nearest name when there is none.
  [[nodiscard]] const VcdVariable& variable(const std::string& name) const;
};

// Reads a whole dump. Error with name and line for anything the standard forbids: a bad header, an
// unbalanced scope, a name declared twice, an unknown id, a time that does not grow, a value
// that is wider than its variable or of the wrong form, a variable that never gets an initial value.
[[nodiscard]] VcdSummary check_vcd(std::string_view text, const std::string& name);
[[nodiscard]] VcdSummary check_vcd(const std::filesystem::path& file);

}  // namespace basil
