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

// A cell of a CSV row, in quotes where it needs them.
[[nodiscard]] std::string csv_cell(const std::string& text);

// Columns as wide as their widest cell; the first `texts` to the left, the others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header, std::size_t texts = 1) : texts_(texts) {
    rows_.push_back(std::move(header));
  }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // A line above the next row.
  void rule() { rules_.push_back(rows_.size()); }

  [[nodiscard]] std::string text() const;

 private:
  std::size_t texts_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> rules_;
};

}  // namespace basil
