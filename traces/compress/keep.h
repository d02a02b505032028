// A layer of the integers that its author chose.
#pragma once

#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// The trace's layer of a layer with codes: each operand code - zero point, in the narrowest dtype that holds
// whatever its codes could come to, the codes' dtype and zero points beside it where they say more than that.
// Weights that a prune step has set to zero are zero. A bias that is real becomes whole sums. The output is
// the author's, or the input's dtype with a scale of 1 where none is said.
[[nodiscard]] Layer kept_layer(const DenseLayer& dense);

}  // namespace basil
