// Pieces of an encoded operand, as operands of their own.
#pragma once

#include <cstdint>
#include <span>

#include "core/random_stream.h"
#include "core/range.h"
#include "traces/encodings/operand.h"

namespace basil {

// Filters in this order (any of them, also more than once), and a stretch of the innermost axis (channels of
// a group, or of activations). Parts that belong to no filter, or to no channel, stay as they are.
[[nodiscard]] Operand take_filters(const Operand& operand, std::span<const int> filters);
[[nodiscard]] Operand take_channels(const Operand& operand, Range channels);
// The values at other places, as many of them zero.
[[nodiscard]] Operand shuffled_operand(const Operand& operand, RandomStream& random);

// Bits of filters first .. end - 1, as encoded_bits() counts them; parts that belong to no filter (basis
// kernels, offsets, thresholds) count with the first one.
[[nodiscard]] std::int64_t filter_bits(const Operand& operand, int first, int end);

}  // namespace basil
