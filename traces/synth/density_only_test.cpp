// Zeros elsewhere: densities and values stay, places do not.
#include "traces/synth/density_only.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

Trace one_layer(Layer layer) {
  Trace trace;
  trace.name = "drawn";
  layer.name = "L0";
  trace.layers.push_back(std::move(layer));
  return trace;
}

// What may change places, in an order that does not tell where it lies.
std::vector<double> values_held(const Operand& operand) {
  std::vector<double> held;
  const auto take = [&](const auto& values) { held.assign(values.begin(), values.end()); };
  if (operand.encoding == &basis_encoding) {
    take(basis::coefficients(operand));
  } else if (operand.encoding == &power_of_two_encoding || operand.encoding == &comparator_encoding) {
    take(operand.values);
  } else if (operand.is_real()) {
    take(decode_real(operand));
  } else {
    take(decode(operand));
  }
  std::sort(held.begin(), held.end());
  return held;
}

void expect_same_densities(Encoding weights) {
  rc::check([&] {
    const Trace trace = one_layer(testing::draw_layer_in(weights));
    const Trace moved = density_only(trace, *rc::gen::arbitrary<std::uint64_t>());
    const Layer &before = trace.layers[0], &after = moved.layers[0];
    RC_ASSERT(after.weights.encoding == before.weights.encoding);
    RC_ASSERT(after.ifmap.encoding == before.ifmap.encoding);
    RC_ASSERT(values_held(after.weights) == values_held(before.weights));
    RC_ASSERT(values_held(after.ifmap) == values_held(before.ifmap));
    RC_ASSERT(nonzeros(after.weights) == nonzeros(before.weights));
    RC_ASSERT(after.weights.parts<PowerOfTwo>().terms == before.weights.parts<PowerOfTwo>().terms);
    RC_ASSERT(after.bias == before.bias);
  });
}

TEST(DensityOnly, KeepsWhatDenseOperandsHold) { expect_same_densities(&dense_encoding); }
TEST(DensityOnly, KeepsWhatBitmapsHold) { expect_same_densities(&bitmap_encoding); }
TEST(DensityOnly, KeepsWhatRunLengthsHold) { expect_same_densities(&run_length_encoding); }
TEST(DensityOnly, KeepsWhatPowersOfTwoHold) { expect_same_densities(&power_of_two_encoding); }
TEST(DensityOnly, KeepsWhatABasisHolds) { expect_same_densities(&basis_encoding); }
TEST(DensityOnly, KeepsWhatAComparatorHolds) { expect_same_densities(&comparator_encoding); }
TEST(DensityOnly, LeavesBinaryWeights) { expect_same_densities(&binary_encoding); }

// 64 x 64 weights with one half zero: both halves of the places get half of the zeros, within 5 deviations
// (of the hypergeometric draw, sqrt(4096) / 4 = 16).
TEST(DensityOnly, SpreadsZerosEvenly) {
  Layer layer;
  layer.kind = Kind::fc;
  layer.shape = {.C = 64, .K = 64};
  const Extent extent{.outer = 64, .depth = 64};
  std::vector<std::int16_t> dense(4096, 0);
  std::fill_n(dense.begin(), 2048, std::int16_t{3});
  layer.weights = encode(&bitmap_encoding, Dtype::int8, extent, dense, {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {.depth = 64}, std::vector<std::int16_t>(64, 1), {1.0F});
  const Trace trace = one_layer(layer);
  const std::vector<std::int16_t> moved = decode(density_only(trace, 1).layers[0].weights);
  const auto first_half = std::count(moved.begin(), moved.begin() + 2048, 3);
  EXPECT_NEAR(static_cast<double>(first_half), 1024, 80);
  EXPECT_EQ(moved, decode(density_only(trace, 1).layers[0].weights));
  EXPECT_NE(moved, decode(density_only(trace, 2).layers[0].weights));
}

}  // namespace
}  // namespace basil
