// Numbers and tables as the console shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basil {

// 12345678 -> "12 345 678"
[[nodiscard]] std::string grouped(std::int64_t value);

// A number with a metric prefix: 3 significant digits.
[[nodiscard]] std::string metric(double value, const std::string& unit);

// Columns as wide as their widest cell; the first `texts` to the left, the others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header, std::size_t texts = 1) : texts_(texts) {
    rows_.push_back(std::move(header));
  }
  void add(std::vector<std::string> row);  // its cells made printable
  // A line above the next row.
  void rule() { rules_.push_back(rows_.size()); }

  // As wide as it is; on a terminal that is narrower, without the last columns, and it says so.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string text(std::size_t most) const;  // in at most so many characters a line

 private:
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t most) const;

  std::size_t texts_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> rules_;
};

}  // namespace basil
