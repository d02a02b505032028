// From a trace in one encoding to the same network in another.
#pragma once

#include "traces/compress/recipe.h"
#include "traces/trace.h"

namespace basil {

// The trace with the weights of every layer as the recipe says, fitted to what its weights mean now: integers
// times their scale. Layers without weights pass through. Each layer keeps its ifmap, bit by bit in its
// encoding, and its output's dtype, scale and ReLU; its bias becomes what the new sums start from. (Only
// where a step says fp32 does the ifmap become real: its integers times their scale.)
// A layer keeps its integers and scales too, at most re-encoded, where nothing prunes it and
//   - its weights are in the encoding that a fit would give already,
//   - or no step names it, no fit can take it, or `quantise` asks for a dtype that holds its integers as
//     they are.
// Errors: those of the recipe; a layer of fp32, comparator or binary weights that would have to change.
[[nodiscard]] Trace derive(const Trace& trace, const Recipe& recipe);

}  // namespace basil
