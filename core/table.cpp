#include "core/table.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/names.h"

namespace basil {
namespace {

// Of UTF-8, which has one byte each that goes on with none.
std::size_t characters(const std::string& text) {
  const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

// In characters; of a pipe or a file there is no end.
std::size_t terminal_width() {
  winsize size{};
  const bool known = isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : std::numeric_limits<std::size_t>::max();
}

}  // namespace

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
  if (!std::isfinite(value)) return fmt::format("{} {}", value, unit);
  const auto power = static_cast<int>(std::clamp(std::floor(std::log10(std::abs(value)) / 3), -4.0, 4.0));
  const double scaled = value / std::pow(1000.0, power);
  const int decimals = std::abs(scaled) >= 99.95 ? 0 : std::abs(scaled) >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}{}", scaled, decimals, prefixes[static_cast<std::size_t>(power + 4)], unit);
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = printable(cell);
  rows_.push_back(std::move(row));
}

// Of each column; those that a narrow terminal has no room for, from the last one on, are 0.
std::vector<std::size_t> Table::widths(std::size_t most) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  std::size_t width = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    width += 2 + widths[i];
    if (i > 0 && width > most) widths[i] = 0;
  }
  return widths;
}

std::string Table::text() const { return text(terminal_width()); }

std::string Table::text(std::size_t most) const {
  const std::vector<std::size_t> widths = this->widths(most);
  std::size_t width = 0, left_out = 0;
  for (const std::size_t w : widths) {
    width += w == 0 ? 0 : w + 2;
    left_out += w == 0 ? 1 : 0;
  }
  width -= std::min<std::size_t>(2, width);
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (r == 1 || std::find(rules_.begin(), rules_.end(), r) != rules_.end())
      text += "  " + std::string(width, '-') + "\n";
    std::string line = "  ";
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      if (widths[i] == 0) continue;
      if (i > 0) line += "  ";
      const std::string blanks(widths[i] - characters(rows_[r][i]), ' ');
      line += i < texts_ ? rows_[r][i] + blanks : blanks + rows_[r][i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  if (left_out > 0)
    text += fmt::format("  ({} more column{} on a wider terminal)\n", left_out, left_out > 1 ? "s" : "");
  return text;
}

}  // namespace basil
