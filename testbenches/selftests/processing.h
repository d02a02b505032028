// The arrays at work, which is what publications that hide the memory count. Speed-ups are in cycles, as if
// both ran at one clock.
#pragma once

#include "models/result/result.h"

namespace basil {

// Cycles of all layers.
[[nodiscard]] Cycles processing(const Result& result);
// How much faster `ours` is than `other`: all layers together.
[[nodiscard]] double speedup(const Result& ours, const Result& other);
// The same layer by layer: the geometric mean.
[[nodiscard]] double mean_speedup(const Result& ours, const Result& other);
// Share of a bin in the PE-cycles of that, all layers, %.
[[nodiscard]] double percent(const Result& result, Bin bin);

}  // namespace basil
