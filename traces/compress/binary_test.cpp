#include "traces/compress/binary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "traces/compress/quantise.h"
#include "traces/encodings/binary.h"
#include "traces/golden/golden.h"
#include "traces/testing/sample_networks.h"

namespace basil {
namespace {

// Two filters on two channels and four images: 4 words a channel are too few, so one threshold for all 8,
// their mean 2. Signs: 3 of 8 are +1, mean -1/4, spread 15/16; mean of I * sign is 20/8, less 2 * -1/4: 3. So
// a word stands for b = 3 / (15/16) = 3.2 and a = 2 + 3.2 / 4 = 2.8.
TEST(FitBinary, TakesSignsAndMeans) {
  DenseLayer layer = testing::sample_layer("fc", Kind::fc, {.N = 4, .C = 2, .K = 2});
  layer.weights = {0.5F, -1.5F, 0, 2};
  layer.bias = {3, -3};
  layer.ifmap = {2, -4, 4, 0, 6, 0, 8, 0};
  const Layer fitted = fit_binary(layer);
  check(fitted);
  EXPECT_EQ(fitted.weights.parts<Binary>().bitmap, (std::vector<std::uint64_t>{0b1101}));
  EXPECT_EQ(fitted.weights.values, (std::vector<std::int16_t>{2, 2}));
  EXPECT_FLOAT_EQ(fitted.weights.scale(0), 3.2F);  // mean|W| is 1 in both
  EXPECT_FLOAT_EQ(fitted.weights.scale(1), 3.2F);
  // The weights add up to -1 and 2, their signs to 0 and 2; the ifmap's scale is 1/4, so a sum is worth 3.2
  // / 4.
  EXPECT_EQ(fitted.bias, (std::vector<std::int64_t>{std::llround((3 - 2 * 0.25) / 0.8),
                                                    std::llround((-3 + 4 * 0.25 + 0.8 * 2 / 4) / 0.8)}));
  // Words -1 -1, +1 -1, +1 -1, +1 -1 under the signs + - and + +.
  EXPECT_EQ(run_golden(fitted).sums, (std::vector<std::int64_t>{3, -4, 5, -2, 5, -2, 5, -2}));
}

TEST(FitBinary, TakesAThresholdForEachChannel) {
  DenseLayer layer =
      testing::sample_layer("conv", Kind::conv, {.C = 3, .H = 4, .W = 4, .K = 2, .R = 2, .S = 2});
  for (std::size_t i = 0; i < layer.ifmap.size(); ++i)
    layer.ifmap[i] = static_cast<std::int16_t>(20 * (i % 3) + i / 3 % 2);  // means 0.5, 20.5, 40.5
  EXPECT_EQ(fit_binary(layer).weights.values, (std::vector<std::int16_t>{0, 20, 40}));  // halves to even
}

// Signs keep most of sums whose weights and words have all but one size.
TEST(FitBinary, LosesNothingWhereSizesDoNotDiffer) {
  DenseLayer layer = testing::sample_layer("conv", Kind::conv,
                                           {.C = 5, .H = 9, .W = 9, .K = 7, .R = 3, .S = 3, .dilation_x = 2});
  for (float& weight : layer.weights) weight = weight < 0 ? -0.5F : 0.5F;
  for (std::int16_t& word : layer.ifmap) word = word < 0 ? -20 : 28;
  const Layer fitted = fit_binary(layer);
  const std::vector<double> exact = run_golden(real_layer(layer)).reals;
  const std::vector<std::int64_t> sums = run_golden(fitted).sums;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double unit = double{fitted.ifmap.scale(0)} * double{fitted.weights.scale(static_cast<int>(i % 7))};
    EXPECT_NEAR(static_cast<double>(sums[i]) * unit, exact[i], 0.51 * unit) << i;
  }
}

}  // namespace
}  // namespace basil
