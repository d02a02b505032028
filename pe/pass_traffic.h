// What a pass moves through an array's door, as far as units count it alike.
#pragma once

#include <cstdint>

#include "core/units.h"
#include "pe/pass.h"
#include "traces/encodings/slice.h"
#include "traces/shape.h"

namespace basil {

// ifmap rows, clipped to the map, that ofmap rows `rows` touch through filter rows `taps_y`.
[[nodiscard]] Range ifmap_rows(const LayerShape& shape, Range rows, Range taps_y);
// The same through the whole filter.
[[nodiscard]] Range ifmap_rows(const LayerShape& shape, Range rows);

// Columns of row y of ifmap n.
struct IfmapStretch {
  int n = 0, y = 0;
  Range columns;
};

// Bits of a group's channels there, as encoded: one stretch, or one a column where other groups' lie between.
[[nodiscard]] std::int64_t encoded_bits(const SliceReader& ifmap, const LayerShape& shape, int group,
                                        const IfmapStretch& stretch);

// Sums of the pass's ofmap block, 4 bytes each.
[[nodiscard]] Bytes finished_psums(const LayerShape& shape, const TilePass& pass);

}  // namespace basil
