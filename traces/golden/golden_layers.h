// A whole layer on decoded operands. Order of everything as in Extent and Ofmap.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "traces/encodings/operand.h"
#include "traces/shape.h"
#include "traces/trace.h"

namespace basil::golden {

// An integer layer as a convolution of plain words, as the encoding of its weights means it: of binary
// weights with the ifmap turned to +1 and -1, of a comparator the pointwise stage behind its code words.
struct PlainLayer {
  LayerShape shape;
  std::vector<std::int16_t> ifmap, weights;
};
[[nodiscard]] PlainLayer plain_layer(const Layer& layer);

// How many products of these operands fit a 32-bit sum, whatever their signs.
[[nodiscard]] std::int64_t products_in_32_bits(const std::vector<std::int16_t>& a,
                                               const std::vector<std::int16_t>& b);

// Exact sums, bias (K values or none) included.
[[nodiscard]] std::vector<std::int64_t> run_integers(const LayerShape& shape,
                                                     const std::vector<std::int16_t>& ifmap,
                                                     std::vector<std::int16_t> weights,
                                                     const std::vector<std::int64_t>& bias);

// The same products in several passes: `pass_of` says for each product of a filter (R, S, C/groups) in which.
// Tells, pass after pass for each output (index as in Ofmap), what the pass's products come to; bias left
// out.
using PassSum = std::function<void(std::size_t output, int pass, std::int64_t sum)>;
void run_in_passes(const PlainLayer& layer, const std::vector<int>& pass_of, const PassSum& add);

// What the sums of a layer with WindowWords are made of: a word for every output pixel and channel (N, P, Q,
// C), padding being zero.
[[nodiscard]] std::vector<std::int16_t> words_of_windows(const LayerShape& shape,
                                                         const std::vector<std::int16_t>& ifmap,
                                                         const Operand& weights);

// Sums in double, terms in the order R, S, C/groups, the bias last.
[[nodiscard]] std::vector<double> run_reals(const LayerShape& shape, const std::vector<float>& ifmap,
                                            const std::vector<float>& weights,
                                            const std::vector<float>& bias);

}  // namespace basil::golden
