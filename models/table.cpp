#include "models/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace basil {

// 12345678 -> "12 345 678"
std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value), text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += ' ';
    text += digits[i];
  }
  return text;
}

// A number with a metric prefix: 3 significant digits.
std::string metric(double value, const std::string& unit) {
  static constexpr std::array<const char*, 9> prefixes{"p", "n", "u", "m", "", "k", "M", "G", "T"};
  if (value == 0) return "0 " + unit;
  const int power = std::clamp(static_cast<int>(std::floor(std::log10(std::abs(value)) / 3)), -4, 4);
  const double scaled = value / std::pow(1000.0, power);
  const int decimals = std::abs(scaled) >= 99.95 ? 0 : std::abs(scaled) >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}{}", scaled, decimals, prefixes[static_cast<std::size_t>(power + 4)], unit);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::size_t width = 2 * (widths.size() - 1);
  for (const std::size_t w : widths) width += w;
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (r == 1 || std::find(rules_.begin(), rules_.end(), r) != rules_.end())
      text += "  " + std::string(width, '-') + "\n";
    std::string line = "  ";
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      if (i > 0) line += "  ";
      line += i < texts_ ? fmt::format("{:<{}}", rows_[r][i], widths[i])
                         : fmt::format("{:>{}}", rows_[r][i], widths[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace basil
