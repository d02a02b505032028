// The ifmap rows and columns behind an ofmap block, padding included.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "traces/shape.h"

namespace basil::basis_first {

// Grid row 0 is ifmap row `top`, grid column 0 is ifmap column -pad_left. The ofmap value in row p of the
// block (from 0) and column q meets filter tap (r, s) at grid row p * stride_y + r * dilation_y, column q *
// stride_x + s * dilation_x.
struct TileGrid {
  TileGrid(const LayerShape& shape, Range ofmap_rows);

  int top = 0;
  int rows = 0, columns = 0;
  // Of each filter row r: grid rows, 1 where a tap of it meets an ofmap row of the block, 0 elsewhere and on
  // padding; the same of each filter column.
  std::vector<std::vector<int>> row_hits, column_hits;
  // Sums of these: how many taps, one axis alone, use the row or column.
  std::vector<int> row_taps, column_taps;

  [[nodiscard]] std::int64_t pixels() const { return std::int64_t{rows} * columns; }
};

}  // namespace basil::basis_first
