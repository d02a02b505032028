// A stretch of an operand's innermost axis as an operand of its own.
#pragma once

#include <vector>

#include "core/range.h"
#include "traces/encodings/operand.h"

namespace basil {

// Positions channels.first .. channels.end - 1 of `depth`, of any encoding: weights (channels of a group), or
// activations. Parts that belong to no channel (basis kernels, terms of a filter) stay as they are.
[[nodiscard]] Operand with_channels(const Operand& operand, Range channels);

}  // namespace basil
