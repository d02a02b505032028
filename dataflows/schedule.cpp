#include "dataflows/schedule.h"

#include <algorithm>

namespace basil {

Range piece(int index, int size, int of) { return {index * size, std::min(of, (index + 1) * size)}; }

Range ifmap_rows(const LayerShape& shape, Range rows, Range taps_y) {
  const int low = rows.first * shape.stride_y - shape.pad_top + taps_y.first * shape.dilation_y;
  const int high = (rows.end - 1) * shape.stride_y - shape.pad_top + (taps_y.end - 1) * shape.dilation_y + 1;
  const int first = std::clamp(low, 0, shape.H);
  return {first, std::clamp(high, first, shape.H)};
}

}  // namespace basil
