// Running a layer with its filters in another order, and putting its sums back.
#pragma once

#include <span>

#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// The layer whose filter i is `order[i]` of `layer`: weights, scales and bias. Weights of whole filters only
// (dense, bitmap, run_length, power_of_two).
[[nodiscard]] Layer with_filter_order(const Layer& layer, std::span<const int> order);

// Sums of that layer in the order of the original one.
[[nodiscard]] Ofmap restore_order(const Ofmap& sums, std::span<const int> order);

}  // namespace basil
