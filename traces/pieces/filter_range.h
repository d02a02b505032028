// A stretch of a layer's filters as a layer of its own.
#pragma once

#include "traces/trace.h"

namespace basil {

// Filters first .. end - 1 of any encoding, with the ifmap channels they need: all, or those of their groups
// (first and end must lie between groups where there are several).
[[nodiscard]] Layer with_filters(const Layer& layer, int first, int end);

// Their weights alone, without a look at the others'.
[[nodiscard]] Operand filters_of(const Operand& weights, int first, int end);

}  // namespace basil
