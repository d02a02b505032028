// Sums of a layer as its parts compute them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "traces/golden/golden.h"
#include "traces/pieces/layer_box.h"

namespace basil {

// Sums that no pass has started: absurd, so that a hole in a schedule shows. Of reals: not a number.
inline constexpr std::int64_t no_sum = std::numeric_limits<std::int64_t>::min() / 2;

// Those of a layer before its first pass.
[[nodiscard]] Ofmap blank_sums(const Layer& layer);
// Puts a box's sums where they are in the layer's.
void put_sums(Ofmap& layer, const Ofmap& box_sums, const LayerBox& box);
// Where in the layer's sums a box's are: index as in Ofmap.
[[nodiscard]] std::size_t place_in_layer(const Ofmap& layer, const LayerBox& box, std::size_t in_box);

}  // namespace basil
