// From real weights to the integers of a layer.
#pragma once

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

struct Quantise {
  Dtype dtype = Dtype::int8;  // int4, int8, int16, or fp32: weights and ifmap stay real numbers
  bool per_channel = true;    // a scale for each filter, else one a layer
};

// The layer as it is: fp32 weights, bias, and ifmap in real units.
[[nodiscard]] Layer real_layer(const DenseLayer& dense);

// The layer with weights of step.dtype, dense. Integers are symmetric about zero: with t the dtype's greatest
// value and a the ifmap's scale, the scale of a filter (of the layer, where it has one only) is
//   max(max|weight| / t, |bias| / (a 2^30)), or 1 where both are 0,
// so that a bias, a whole number of sums, always fits an accumulator of 32 bits. output.scale is left at 1.
[[nodiscard]] Layer quantise(const DenseLayer& dense, const Quantise& step);

// The integer layer of these weights, its ifmap dense and its bias in sums of theirs. output.scale is 1.
[[nodiscard]] Layer integer_layer(const DenseLayer& dense, Operand weights);

// A scale for filter k (for all of them: k = -1) no smaller than its bias allows, see above; 1 where that is
// not a normal number.
[[nodiscard]] float usable_scale(double scale, const DenseLayer& dense, int k);

[[nodiscard]] inline Extent weights_extent(const LayerShape& s) {
  return {s.K, s.R, s.S, s.channels_per_group()};
}
[[nodiscard]] inline Extent ifmap_extent(const LayerShape& s) { return {s.N, s.H, s.W, s.C}; }

}  // namespace basil
