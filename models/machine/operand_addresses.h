// Where in DRAM what a step moves begins, from the first byte of its operand on.
#pragma once

#include <cstdint>

#include "models/machine/layer_pieces.h"
#include "traces/trace.h"

namespace basil {

// In the layer's weights, of which the box's are a part.
[[nodiscard]] std::uint64_t weights_address(const Layer& layer, const PieceStep& at, int word_bytes);
// Of maps, which lie channel by channel, as they are coded.
[[nodiscard]] std::uint64_t ifmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes);
[[nodiscard]] std::uint64_t ofmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes);

}  // namespace basil
