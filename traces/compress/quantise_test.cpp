#include "traces/compress/quantise.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "traces/testing/random_layers.h"
#include "traces/testing/sample_networks.h"

namespace basil {
namespace {

DenseLayer fc_layer(std::vector<float> weights, std::vector<float> bias, int filters) {
  DenseLayer layer;
  layer.name = "fc";
  layer.kind = &fc_kind;
  layer.shape.K = filters;
  layer.shape.C = static_cast<int>(weights.size()) / filters;
  layer.weights = std::move(weights);
  layer.bias = std::move(bias);
  layer.activation_scale = 0.5F;
  layer.ifmap.assign(static_cast<std::size_t>(layer.shape.C), 1);
  return layer;
}

TEST(Quantise, GivesEachFilterItsScale) {
  const DenseLayer dense = fc_layer({127, -64, 1.27F, 0.01F}, {10, -1}, 2);
  const Layer layer = quantise(dense, {.dtype = Dtype::int8, .per_channel = true});
  check(layer);
  EXPECT_EQ(layer.weights.scales, (std::vector<float>{1.0F, 0.01F}));
  EXPECT_EQ(layer.weights.values, (std::vector<std::int16_t>{127, -64, 127, 1}));
  EXPECT_EQ(layer.bias, (std::vector<std::int64_t>{20, -200}));  // bias / (0.5 * scale)
}

TEST(Quantise, SharesOneScaleALayer) {
  const Layer layer =
      quantise(fc_layer({7, -3.6F, 0.4F, 2}, {}, 2), {.dtype = Dtype::int4, .per_channel = false});
  check(layer);
  EXPECT_EQ(layer.weights.scales, (std::vector<float>{1.0F}));
  EXPECT_EQ(layer.weights.values, (std::vector<std::int16_t>{7, -4, 0, 2}));
  EXPECT_TRUE(layer.bias.empty());
}

TEST(Quantise, GivesAnEmptyFilterScaleOne) {
  const Layer layer = quantise(fc_layer({0, 0, 3, 4}, {}, 2), {});
  check(layer);
  EXPECT_EQ(layer.weights.scales[0], 1.0F);
}

// The sums of a filter that is zero, or nearly so, still carry its bias, within 32 bits.
TEST(Quantise, KeepsTheBiasOfFiltersThatAreNearlyZero) {
  for (const float weight : {0.0F, 1e-30F}) {
    const Layer layer = quantise(fc_layer({weight, 0, 3, 4}, {0.3F, 1}, 2), {});
    check(layer);
    EXPECT_LE(std::abs(layer.bias[0]), (std::int64_t{1} << 30) + 64);
    const double unit = 0.5 * static_cast<double>(layer.weights.scale(0));
    EXPECT_NEAR(static_cast<double>(layer.bias[0]) * unit, 0.3, 1e-7);
  }
}

TEST(Quantise, LeavesFp32AsItIs) {
  const DenseLayer dense = fc_layer({0.1F, -0.2F}, {0.3F}, 1);
  const Layer layer = quantise(dense, {.dtype = Dtype::fp32});
  check(layer);
  EXPECT_EQ(layer.weights.reals, dense.weights);
  EXPECT_EQ(layer.bias_real, dense.bias);
  EXPECT_EQ(layer.ifmap.reals, (std::vector<float>{0.5F, 0.5F}));
  EXPECT_EQ(layer.output.dtype, Dtype::fp32);
}

// Half a step from the weight, never more.
RC_GTEST_PROP(Quantise, IsWithinHalfAStep, ()) {
  const Quantise step{.dtype = *rc::gen::element(Dtype::int4, Dtype::int8, Dtype::int16),
                      .per_channel = *rc::gen::arbitrary<bool>()};
  const int filters = *rc::gen::inRange(1, 6), channels = *rc::gen::inRange(1, 30);
  const DenseLayer dense =
      fc_layer(testing::draw_reals(filters * channels, *rc::gen::element(0, 60, 100)), {}, filters);
  const Layer layer = quantise(dense, step);
  check(layer);
  for (std::size_t i = 0; i < dense.weights.size(); ++i) {
    const auto scale = static_cast<double>(layer.weights.scale(static_cast<int>(i) / channels));
    const double difference = scale * layer.weights.values[i] - static_cast<double>(dense.weights[i]);
    RC_ASSERT(std::abs(difference) <= scale * (0.5 + 1e-2));
  }
}

}  // namespace
}  // namespace basil
