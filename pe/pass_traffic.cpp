#include "pe/pass_traffic.h"

#include <algorithm>

namespace basil {

Range ifmap_rows(const LayerShape& shape, Range rows, Range taps_y) {
  const int low = rows.first * shape.stride_y - shape.pad_top + taps_y.first * shape.dilation_y;
  const int high = (rows.end - 1) * shape.stride_y - shape.pad_top + (taps_y.end - 1) * shape.dilation_y + 1;
  const int first = std::clamp(low, 0, shape.H);
  return {first, std::clamp(high, first, shape.H)};
}

Range ifmap_rows(const LayerShape& shape, Range rows) { return ifmap_rows(shape, rows, {0, shape.R}); }

std::int64_t encoded_bits(const SliceReader& ifmap, const LayerShape& shape, int group,
                          const IfmapStretch& stretch) {
  const Extent& extent = ifmap.operand().extent;
  const int depth = shape.channels_per_group();
  const auto [n, y, columns] = stretch;
  if (shape.groups == 1)
    return ifmap.encoded_bits(extent.at(n, y, columns.first, 0), std::int64_t{columns.size()} * depth);
  std::int64_t bits = 0;
  for (int x = columns.first; x < columns.end; ++x)
    bits += ifmap.encoded_bits(extent.at(n, y, x, group * depth), depth);
  return bits;
}

Bytes finished_psums(const LayerShape& shape, const TilePass& pass) {
  return Bytes(std::int64_t{4} * pass.n.size() * pass.rows.size() * shape.Q() * pass.filters.size());
}

}  // namespace basil
