#include "core/table.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

#include "core/names.h"

namespace basil {
namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

// Of UTF-8, which has one byte each that goes on with none.
std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
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

namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// In lines of at most `width` characters, a longer word in one of its own.
std::vector<std::string> folded(const std::vector<std::string>& words, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& word : words) {
    if (!lines.empty() && characters(lines.back()) + 1 + characters(word) <= width) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

// Of the first `count` characters.
std::size_t bytes_of(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_character(text[at]) && count-- == 0) break;
  }
  return at;
}

// Names of layers differ at their ends, and machines' at their beginnings: both stay.
std::string cut(const std::string& text, std::size_t width) {
  const std::size_t length = characters(text);
  if (length <= width) return text;
  const std::size_t ends = width / 2, begins = width - 1 - ends;
  return text.substr(0, bytes_of(text, begins)) + "\u2026" + text.substr(bytes_of(text, length - ends));
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  return widths;
}

std::vector<std::size_t> Table::order() const {
  const std::vector<std::string>& heads = rows_.front();
  const auto place = [&](std::size_t column) { return std::find(kept_.begin(), kept_.end(), heads[column]); };
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < heads.size(); ++i) {
    if (!heads[i].empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
  return order;
}

std::vector<std::size_t> Table::narrow_widths(std::size_t most) const {
  constexpr std::size_t least_name = 8;
  const std::vector<std::string>& heads = rows_.front();
  std::vector<std::size_t> needed(heads.size());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    for (const std::string& word : words_of(heads[i])) needed[i] = std::max(needed[i], characters(word));
    for (std::size_t r = 1; r < rows_.size(); ++r) needed[i] = std::max(needed[i], characters(rows_[r][i]));
  }
  const std::size_t whole_names = needed[0];
  needed[0] = std::min(whole_names, std::max(least_name, most / 3));
  std::vector<std::size_t> widths(heads.size());
  std::size_t used = 0;
  // A column and those after it that have no head.
  const auto take = [&](std::size_t column, bool always) {
    std::size_t end = column + 1, width = 2 + needed[column];
    for (; end < heads.size() && heads[end].empty(); ++end) width += 2 + needed[end];
    if (!always && used + width > most) return false;
    std::copy(needed.begin() + static_cast<std::ptrdiff_t>(column),
              needed.begin() + static_cast<std::ptrdiff_t>(end),
              widths.begin() + static_cast<std::ptrdiff_t>(column));
    used += width;
    return true;
  };
  take(0, true);
  for (const std::size_t column : order()) {
    if (!take(column, false) && kept_.empty()) break;
  }
  if (used < most) widths[0] = std::min(whole_names, widths[0] + most - used);
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string line = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    if (i > 0) line += "  ";
    const std::string cell = i == 0 ? cut(cells[i], widths[i]) : cells[i];
    const std::string blanks(widths[i] - std::min(widths[i], characters(cell)), ' ');
    line += i < texts_ ? cell + blanks : blanks + cell;
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// The last lines of all heads side by side.
std::string Table::head(const std::vector<std::size_t>& widths) const {
  std::vector<std::vector<std::string>> heads;
  heads.reserve(widths.size());
  std::size_t lines = 1;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    heads.push_back(folded(words_of(rows_.front()[i]), widths[i]));
    if (widths[i] > 0) lines = std::max(lines, heads.back().size());
  }
  std::string text;
  for (std::size_t l = lines; l > 0; --l) {
    std::vector<std::string> cells;
    cells.reserve(heads.size());
    for (const auto& head : heads) cells.push_back(l > head.size() ? "" : head[head.size() - l]);
    text += line(cells, widths);
  }
  return text;
}

// What a wider terminal would show, in lines that fit this one.
std::string Table::left_out(const std::vector<std::size_t>& widths, std::size_t most) const {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    if (widths[i] > 0 || rows_.front()[i].empty()) continue;
    if (!words.empty()) words.back() += ",";
    for (const std::string& word : words_of(rows_.front()[i])) words.push_back(word);
  }
  if (words.empty()) return "";
  words.insert(words.begin(), {"(no", "room", "for"});
  words.back() += ")";
  std::string text;
  for (const std::string& line : folded(words, most < 2 ? 0 : most - 2)) text += "  " + line + "\n";
  return text;
}

std::string Table::text() const { return text(terminal_width()); }

std::string Table::text(std::size_t most) const {
  const auto sum = [](const std::vector<std::size_t>& all) {
    std::size_t so_far = 0;
    for (const std::size_t width : all) so_far += width == 0 ? 0 : width + 2;
    return so_far;
  };
  std::vector<std::size_t> widths = this->widths();
  if (sum(widths) > most) widths = narrow_widths(most);
  const std::size_t width = sum(widths) - std::min<std::size_t>(2, sum(widths));
  std::string text = head(widths);
  for (std::size_t r = 1; r < rows_.size(); ++r) {
    if (r == 1 || std::find(rules_.begin(), rules_.end(), r) != rules_.end())
      text += "  " + std::string(width, '-') + "\n";
    text += line(rows_[r], widths);
  }
  return text + left_out(widths, most);
}

}  // namespace basil
