#include "models/study/store/rows.h"

#include <algorithm>

namespace basil {

std::size_t column_of(const Rows& rows, const std::string& name) {
  return static_cast<std::size_t>(std::find(rows.columns.begin(), rows.columns.end(), name) -
                                  rows.columns.begin());
}

std::pair<std::size_t, std::size_t> parameter_columns(const Rows& rows) {
  return {column_of(rows, "accelerator") + 1, column_of(rows, "status")};
}

std::string design(const Rows& rows, std::size_t row) {
  std::string text = cell_text(rows.cells[row][column_of(rows, "accelerator")]);
  const auto [first, end] = parameter_columns(rows);
  for (std::size_t i = first; i < end; ++i) {
    if (!rows.cells[row][i].is_null()) text += ", " + rows.columns[i] + "=" + cell_text(rows.cells[row][i]);
  }
  return text;
}

std::string cell_text(const Datum& cell) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return cell.get<std::string>();
  return cell.dump();
}

}  // namespace basil
