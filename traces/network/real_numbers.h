// What the codes of a layer stand for.
#pragma once

#include "traces/network/dense_network.h"

namespace basil {

// The layer with its weights and its bias as real numbers, beside the codes where it has some.
[[nodiscard]] DenseLayer with_reals(DenseLayer layer);
// Its input, code - zero point.
[[nodiscard]] std::vector<std::int16_t> ifmap_integers(const DenseLayer& layer);

}  // namespace basil
