// From a layer's sums to the codes that leave the chip, by the rule that the trace states.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/golden/golden.h"

namespace basil {

// sum * factor as TensorFlow Lite's reference kernels compute it (MultiplyByQuantizedMultiplier, gemmlowp's
// fixed point): saturated to 32 bits, times 2^max(shift, 0), again saturated; times multiplier / 2^31, halves
// up; by 2^max(-shift, 0), halves away from zero.
[[nodiscard]] std::int32_t tflite_step(std::int64_t sum, const FixedPoint& factor);
// The same where codes have 16 bits: 16 bits of the multiplier, sums of 64, halves up.
[[nodiscard]] std::int64_t tflite_wide_step(std::int64_t sum, const FixedPoint& factor);

// The ofmap as it leaves the chip: codes of layer.output, order N, P, Q, K. Throws Error where the output's
// dtype is fp32.
[[nodiscard]] std::vector<std::int16_t> requantise(const Layer& layer, const Ofmap& ofmap);

// Of a filter: sums from least to greatest, both included, leave as the zero point. None where least is
// above.
struct ZeroSums {
  double least, greatest;
};
[[nodiscard]] std::vector<ZeroSums> sums_that_leave_as_zero(const Layer& layer);

}  // namespace basil
