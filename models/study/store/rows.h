// Rows of a study's database as readers take them: of the views point_rows and layer_rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/study/store/figures.h"

namespace basil {

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Datum>> cells;
};

// The place of a column; past the last where it is not there, as in a file of an older program.
[[nodiscard]] std::size_t column_of(const Rows& rows, const std::string& name);

// Of point_rows: the columns between accelerator and status, a parameter each; first and past the last.
[[nodiscard]] std::pair<std::size_t, std::size_t> parameter_columns(const Rows& rows);

// Of a row of point_rows: "eyeriss, array.rows=8, array.cols=12".
[[nodiscard]] std::string design(const Rows& rows, std::size_t row);

// A cell as CSV has it: all digits, flags 0 and 1; null is the empty text.
[[nodiscard]] std::string cell_text(const Datum& cell);

}  // namespace basil
