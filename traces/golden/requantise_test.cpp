#include "traces/golden/requantise.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "traces/encodings/encode.h"

namespace basil {
namespace {

// A filter for each sum that it gives: an ifmap of one word, 1.
Layer layer_of_sums(const std::vector<std::int64_t>& sums) {
  Layer layer;
  layer.name = "fc";
  layer.kind = &fc_kind;
  layer.shape.K = static_cast<int>(sums.size());
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 1}, {1}, {0.5F});
  layer.weights = encode(&dense_encoding, Dtype::int8, {layer.shape.K, 1, 1, 1},
                         std::vector<std::int16_t>(sums.size()), {0.5F});
  layer.bias = sums;
  return layer;
}

std::vector<std::int16_t> codes(const Layer& layer) { return requantise(layer, run_golden(layer)); }
using Values = std::vector<std::int16_t>;

// Factor 0.5 x 0.5 / 0.5 = 0.5: halves go to the even code, then the zero point is added, then it saturates.
TEST(Requantise, ByTheRuleOfOnnx) {
  Layer layer = layer_of_sums({1, 3, -3, 5, 1000, -1000});
  layer.output = {.dtype = Dtype::uint8, .scale = 0.5F, .zero_point = 10, .rule = RequantisationRule::onnx};
  EXPECT_EQ(codes(layer), (Values{10, 12, 8, 12, 255, 0}));
  layer.output.relu = true;
  EXPECT_EQ(codes(layer), (Values{10, 12, 10, 12, 255, 10}));
  layer.output.clamp = CodeRange{0, 100};
  EXPECT_EQ(codes(layer), (Values{10, 12, 10, 12, 100, 10}));
}

// 2^24 + 1 is no fp32 number: it becomes 2^24, and 2^24 x 2^-25 is a half, which goes to 0. In double it is
// more than a half.
TEST(Requantise, InFp32WhereOnnxSaysSo) {
  Layer layer = layer_of_sums({(1 << 24) + 1});
  layer.ifmap.scales = layer.weights.scales = {1.0F};
  layer.output = {.dtype = Dtype::int8, .scale = 0x1p25F, .rule = RequantisationRule::onnx};
  EXPECT_EQ(codes(layer), Values{0});
  layer.output.rule = RequantisationRule::real;
  EXPECT_EQ(codes(layer), Values{1});
}

// multiplier 2^30 is a half.
TEST(Requantise, ByTheRuleOfTensorFlowLite) {
  const FixedPoint half{1 << 30, 0}, quarter{1 << 30, -1}, one{1 << 30, 1};
  EXPECT_EQ(tflite_step(3, half), 2);    // 1.5, halves up
  EXPECT_EQ(tflite_step(-3, half), -1);  // -1.5, up as well
  EXPECT_EQ(tflite_step(2, quarter), 1);
  EXPECT_EQ(tflite_step(-2, quarter), -1);  // -1, then -0.5, away from zero
  EXPECT_EQ(tflite_step(1, quarter), 1);    // rounded twice: 0.5, 1, 0.5, 1
  EXPECT_EQ(tflite_step(5, one), 5);
  EXPECT_EQ(tflite_step(std::int64_t{1} << 40, one), (1 << 30));  // saturated twice, then halved and rounded

  Layer layer = layer_of_sums({3, -3, 2, 1000, -1000});
  layer.output = {.dtype = Dtype::int8,
                  .scale = 0.5F,
                  .zero_point = -3,
                  .rule = RequantisationRule::tflite,
                  .factors = {half}};
  EXPECT_EQ(codes(layer), (Values{-1, -4, -2, 127, -128}));
  layer.output.factors = {half, half, one, quarter, quarter};
  layer.output.clamp = CodeRange{-3, 127};
  EXPECT_EQ(codes(layer), (Values{-1, -3, -1, 127, -3}));
}

// Factor 2^-1 by the 16 upper bits of the multiplier: (3 x 2^14 + 2^14) >> 15.
TEST(Requantise, WithWideSumsWhereCodesHave16Bits) {
  EXPECT_EQ(tflite_wide_step(3, {1 << 30, 0}), 2);
  EXPECT_EQ(tflite_wide_step(-3, {1 << 30, 0}), -1);
  EXPECT_EQ(tflite_wide_step(std::int64_t{1} << 40, {1 << 30, 0}), std::int64_t{1} << 39);
  EXPECT_EQ(tflite_wide_step(1 << 20, {0x7FFFFFFF, 0}), 0x7FFF << 5);  // the greatest multiplier is cut off
}

// Exact arithmetic by another way: quotients rounded down, and magnitudes.
std::int64_t exact_step(std::int64_t sum, const FixedPoint& factor) {
  const auto narrow = [](double value) { return std::clamp(value, -0x1p31, 0x1p31 - 1); };
  const double shifted = narrow(narrow(static_cast<double>(sum)) * std::exp2(std::max(factor.shift, 0)));
  const auto product = static_cast<long double>(shifted) * static_cast<long double>(factor.multiplier);
  const auto high = std::floor(product / 0x1p31L + 0.5L);
  return static_cast<std::int64_t>(
      std::round(high / std::exp2(static_cast<long double>(std::max(-factor.shift, 0)))));
}

RC_GTEST_PROP(Requantise, OfTensorFlowLiteIsWhatItsRoundingsSay, ()) {
  const FixedPoint factor{*rc::gen::inRange(1 << 30, std::numeric_limits<std::int32_t>::max()),
                          *rc::gen::inRange(-31, 31)};
  const auto sum =
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-5000, 5000),
                      rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 33), std::int64_t{1} << 33));
  RC_ASSERT(tflite_step(sum, factor) == exact_step(sum, factor));
}

// The sums on either side of the range leave as something else than the zero point.
RC_GTEST_PROP(Requantise, KnowsWhichSumsLeaveAsZero, ()) {
  Layer layer = layer_of_sums({0});
  layer.output.dtype = *rc::gen::element(Dtype::int8, Dtype::uint8);
  layer.output.scale = *rc::gen::element(0.3F, 0.5F, 7.0F);
  layer.output.relu = *rc::gen::arbitrary<bool>();
  layer.output.rule =
      *rc::gen::element(RequantisationRule::real, RequantisationRule::onnx, RequantisationRule::tflite);
  layer.output.zero_point = *rc::gen::inRange(lowest(layer.output.dtype), highest(layer.output.dtype));
  if (layer.output.rule == RequantisationRule::tflite)
    layer.output.factors = {{*rc::gen::inRange(1 << 30, std::numeric_limits<std::int32_t>::max()), -1}};
  const ZeroSums zero = sums_that_leave_as_zero(layer).at(0);
  for (std::int64_t sum = -40; sum <= 40; ++sum) {
    layer.bias = {sum};
    const bool is_zero = codes(layer)[0] == layer.output.zero_point;
    const auto value = static_cast<double>(sum);
    RC_ASSERT(is_zero == (value >= zero.least && value <= zero.greatest));
  }
}

}  // namespace
}  // namespace basil
