// From a convolution to comparisons of its ifmap and a pointwise stage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// Comparisons of taps with a pivot, and a pointwise stage fitted to the layer's sums on its own input (our
// reading of CMPNET), of ungrouped conv layers with a window.
struct FitComparator {
  std::optional<int> taps = {};  // 4 where not said, or as many as the window has besides the pivot
  std::uint64_t seed = 1;        // of the taps' places
  std::string where = {};        // file:line:column of `taps`, for errors
};

// The layer as `fit` says, our reading of CMPNET (DAC 2018). In every channel the pivot is the middle of the
// window and the taps are drawn from its other places by the seed, the layer's name and the channel. The
// pointwise weights minimise ||real sums - (U w + bias)||^2 + ridge ||w||^2 over the layer's own input, ridge
// being 0.01 of U's mean square; they are rounded to one power of two each, then scale and bias of each
// filter are fitted again. The layer must have a window of 2 to 256 places and no groups.
[[nodiscard]] Layer fit_comparator(const DenseLayer& dense, const FitComparator& fit);

}  // namespace basil
