#include "traces/golden/sum_width.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

TEST(SumWidth, BitsAreThoseOfTwosComplement) {
  EXPECT_EQ(bits_of_sum(0), 1);
  EXPECT_EQ(bits_of_sum(-1), 1);
  EXPECT_EQ(bits_of_sum(1), 2);
  EXPECT_EQ(bits_of_sum(127), 8);
  EXPECT_EQ(bits_of_sum(128), 9);
  EXPECT_EQ(bits_of_sum(-128), 8);
  EXPECT_EQ(bits_of_sum(-129), 9);
  EXPECT_EQ(bits_of_sum(std::numeric_limits<std::int64_t>::max()), 64);
  EXPECT_EQ(bits_of_sum(std::numeric_limits<std::int64_t>::min()), 64);
}

TEST(SumWidth, WordsOfOverflow) {
  for (const Overflow overflow : {Overflow::error, Overflow::saturate, Overflow::wrap})
    EXPECT_EQ(parse_overflow(std::string(to_string(overflow)), ""), overflow);
  EXPECT_THROW(static_cast<void>(parse_overflow("clip", "a.yaml:1:1")), Error);
}

// 12 products of 7 x -8 and a bias of -5: no sum is beyond 12 * 56 + 5 = 677, 11 bits.
TEST(SumWidth, BoundIsReductionTimesExtremesAndBias) {
  Layer layer;
  layer.shape = {.C = 3, .H = 2, .W = 2, .K = 1, .R = 2, .S = 2};
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {1, 2, 2, 3}, std::vector<std::int16_t>(12, -8), {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 2, 2, 3}, std::vector<std::int16_t>(12, 7), {1.0F});
  layer.bias = {-5};
  EXPECT_EQ(sum_bound(layer), 677);
  EXPECT_EQ(run_golden(layer).sums.at(0), -677);
  EXPECT_TRUE(may_overflow(layer, {.psum_bits = 10}));
  EXPECT_FALSE(may_overflow(layer, {.psum_bits = 11}));
}

TEST(SumWidth, NoSumIsBeyondTheBound) {
  check_property(400, [] {
    const Layer layer = testing::draw_layer_in(testing::draw_any_encoding());
    const std::int64_t bound = sum_bound(layer);
    for (const std::int64_t sum : run_golden(layer).sums) RC_ASSERT(std::abs(sum) <= bound);
  });
}

}  // namespace
}  // namespace basil
