// A whole layer on decoded operands. Order of everything as in Extent and Ofmap.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/operand.h"
#include "traces/shape.h"

namespace basil::golden {

// Exact sums, bias (K values or none) included.
[[nodiscard]] std::vector<std::int64_t> run_integers(const LayerShape& shape,
                                                     const std::vector<std::int16_t>& ifmap,
                                                     std::vector<std::int16_t> weights,
                                                     const std::vector<std::int64_t>& bias);

// What the sums of a comparator layer are made of: U of every output pixel (N, P, Q, C), padding being zero.
[[nodiscard]] std::vector<std::int16_t> compare_taps(const LayerShape& shape,
                                                     const std::vector<std::int16_t>& ifmap,
                                                     const Operand& weights);

// Sums in double, terms in the order R, S, C/groups, the bias last.
[[nodiscard]] std::vector<double> run_reals(const LayerShape& shape, const std::vector<float>& ifmap,
                                            const std::vector<float>& weights,
                                            const std::vector<float>& bias);

}  // namespace basil::golden
