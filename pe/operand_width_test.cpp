#include "pe/operand_width.h"

#include <gtest/gtest.h>

#include "pe/tile_checks.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

Layer layer_of(Dtype weights, Dtype ifmap) {
  Layer layer;
  layer.name = "fc";
  layer.weights.dtype = weights;
  layer.ifmap.dtype = ifmap;
  return layer;
}

std::string refusal(const Layer& layer, Dtype unit) {
  return testing::error_of([&] { check_widths(layer, {.dtype = unit}, "less"); });
}

TEST(OperandWidth, TakesIntegersOfNoMoreBits) {
  EXPECT_EQ(refusal(layer_of(Dtype::int8, Dtype::uint8), Dtype::int8), "");
  EXPECT_EQ(refusal(layer_of(Dtype::int4, Dtype::int16), Dtype::int16), "");
  EXPECT_EQ(refusal(layer_of(Dtype::int16, Dtype::int8), Dtype::int8),
            "layer fc: weights: int16 values, expected less");
  EXPECT_EQ(refusal(layer_of(Dtype::int8, Dtype::int16), Dtype::int8),
            "layer fc: ifmap: int16 values, expected less");
}

TEST(OperandWidth, TakesRealsWhereTheUnitIsReal) {
  EXPECT_EQ(refusal(layer_of(Dtype::fp32, Dtype::fp32), Dtype::fp32), "");
  EXPECT_EQ(refusal(layer_of(Dtype::fp32, Dtype::int8), Dtype::fp32),
            "layer fc: ifmap: int8 values, expected less");
  EXPECT_EQ(refusal(layer_of(Dtype::fp32, Dtype::fp32), Dtype::int16),
            "layer fc: weights: fp32 values, expected less");
}

// Codes of powers of two are int4 and stand for weights of 8 bits.
TEST(OperandWidth, LooksAtDecodedWeights) {
  Layer layer = layer_of(Dtype::int4, Dtype::int4);
  EXPECT_EQ(refusal(layer, Dtype::int4), "");
  layer.weights.encoding = &power_of_two_encoding;
  EXPECT_EQ(refusal(layer, Dtype::int4), "layer fc: weights: int4 values, expected less");
}

TEST(OperandWidth, LeavesWeightsAloneWhereAskedForTheIfmap) {
  const Layer layer = layer_of(Dtype::int16, Dtype::int8);
  EXPECT_EQ(testing::error_of([&] { check_ifmap_width(layer, {.dtype = Dtype::int8}, "less"); }), "");
}

}  // namespace
}  // namespace basil
