// Which mappings a row-stationary array, its spads and its buffer hold.
#pragma once

#include "dataflows/row_stationary/row_stationary.h"

namespace basil {

// Sets of taps_y x e PEs that the array holds: a set wider than the array is cut into strips, one above the
// other. An array with more rows or columns never holds fewer.
[[nodiscard]] int sets_held(const RowArray& array, int taps_y, int e);

// In the buffer, of a block that the mapping works on.
[[nodiscard]] std::int64_t psum_bytes(const LayerShape& shape, const RowArray& array, const RowMapping& map);
[[nodiscard]] std::int64_t ifmap_tile_bytes(const LayerShape& shape, const RowArray& array,
                                            const RowMapping& map);
[[nodiscard]] bool buffer_holds(const LayerShape& shape, const RowArray& array, const RowMapping& map);

}  // namespace basil
