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
  // Heads of the columns that stay longest where there is no room for all, the dearest first; without them
  // the first columns do. The very first always stays.
  void keep(std::vector<std::string> heads) { kept_ = std::move(heads); }

  // As wide as it is. On a terminal that is narrower heads take several lines, names are cut in their middle,
  // and columns are left out, which it says. One without a head goes with that before it.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string text(std::size_t most) const;  // in at most so many characters a line

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;                         // of each column
  [[nodiscard]] std::vector<std::size_t> narrow_widths(std::size_t most) const;  // 0: left out
  [[nodiscard]] std::vector<std::size_t> order() const;  // columns with a head, the dearest first
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<std::size_t>& widths) const;
  [[nodiscard]] std::string head(const std::vector<std::size_t>& widths) const;
  [[nodiscard]] std::string left_out(const std::vector<std::size_t>& widths, std::size_t most) const;

  std::size_t texts_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> rules_;
  std::vector<std::string> kept_;
};

}  // namespace basil
