#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "core/error.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/golden/requantise.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// Seven loops, straight from the definition. T is the type of products and sums.
template <class T, class Value>
std::vector<T> seven_loops(const Layer& layer, const std::vector<Value>& ifmap,
                           const std::vector<Value>& weights, std::vector<T> bias) {
  const LayerShape& s = layer.shape;
  bias.resize(static_cast<std::size_t>(s.K));
  std::vector<T> sums;
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < s.P(); ++p)
      for (int q = 0; q < s.Q(); ++q)
        for (int k = 0; k < s.K; ++k) {
          T sum{};
          for (int r = 0; r < s.R; ++r)
            for (int t = 0; t < s.S; ++t)
              for (int c = 0; c < s.channels_per_group(); ++c) {
                const int y = p * s.stride_y - s.pad_top + r * s.dilation_y;
                const int x = q * s.stride_x - s.pad_left + t * s.dilation_x;
                if (y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
                const int channel = k / s.filters_per_group() * s.channels_per_group() + c;
                sum +=
                    static_cast<T>(ifmap[static_cast<std::size_t>(layer.ifmap.extent.at(n, y, x, channel))]) *
                    static_cast<T>(weights[static_cast<std::size_t>(layer.weights.extent.at(k, r, t, c))]);
              }
          sums.push_back(sum + bias[static_cast<std::size_t>(k)]);
        }
  return sums;
}

RC_GTEST_PROP(Golden, IntegersEqualSevenLoops, ()) {
  const Layer layer = testing::draw_layer(false);
  check(layer);
  RC_TAG(std::string(to_string(layer.kind)));
  const Ofmap ofmap = run_golden(layer);
  RC_ASSERT(ofmap.sums ==
            seven_loops<std::int64_t>(layer, decode(layer.ifmap), decode(layer.weights), layer.bias));
  RC_ASSERT(ofmap.at(ofmap.N - 1, ofmap.P - 1, ofmap.Q - 1, ofmap.K - 1) + 1 == ofmap.sums.size());
}

RC_GTEST_PROP(Golden, RealsEqualSevenLoopsInDouble, ()) {
  const Layer layer = testing::draw_layer(true);
  check(layer);
  const std::vector<double> bias(layer.bias_real.begin(), layer.bias_real.end());
  const auto expected =
      seven_loops<double>(layer, decode_real(layer.ifmap), decode_real(layer.weights), bias);
  RC_ASSERT(run_golden(layer).reals == expected);
}

RC_GTEST_PROP(Golden, Fp32SumsStayWithinTheBound, ()) {
  const Layer layer = testing::draw_layer(true);
  const Ofmap ofmap = run_golden(layer);
  const std::vector<double> bound = fp32_bound(layer);
  const auto narrow =
      seven_loops<float>(layer, decode_real(layer.ifmap), decode_real(layer.weights), layer.bias_real);
  for (std::size_t i = 0; i < narrow.size(); ++i)
    RC_ASSERT(std::fabs(ofmap.reals[i] - double{narrow[i]}) <= bound[i]);
}

// 2 x 13 x 13 = 338 pixels are more than one tile; 7 filters are not a multiple of four.
TEST(Golden, RunsLayersOfSeveralTiles) {
  Layer layer;
  layer.name = "conv";
  LayerShape& s = layer.shape;
  s.N = 2;
  s.C = 5;
  s.H = s.W = 13;
  s.K = 7;
  s.R = s.S = 3;
  s.pad_top = s.pad_bottom = s.pad_left = s.pad_right = 1;
  const auto ramp = [](const Extent& extent) {
    std::vector<std::int16_t> values(static_cast<std::size_t>(extent.positions()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int16_t>(i * 37 % 255 - 127);
    return encode(&bitmap_encoding, Dtype::int8, extent, values, {1.0F});
  };
  layer.weights = ramp({7, 3, 3, 5});
  layer.ifmap = ramp({2, 13, 13, 5});
  EXPECT_EQ(run_golden(layer).sums,
            seven_loops<std::int64_t>(layer, decode(layer.ifmap), decode(layer.weights), {}));
}

Layer fc_layer(int batch, std::vector<std::int16_t> ifmap, int filters, std::vector<std::int16_t> weights) {
  Layer layer;
  layer.name = "fc";
  layer.kind = &fc_kind;
  layer.shape.N = batch;
  layer.shape.C = static_cast<int>(ifmap.size()) / batch;
  layer.shape.K = filters;
  layer.ifmap = encode(&dense_encoding, Dtype::int16, {batch, 1, 1, layer.shape.C}, std::move(ifmap), {1.0F});
  layer.weights =
      encode(&dense_encoding, Dtype::int16, {filters, 1, 1, layer.shape.C}, std::move(weights), {1.0F});
  return layer;
}

// 4096 products of 2^30 each: 2^42, far beyond 32 bits.
TEST(Golden, ExtremesOfInt16DoNotOverflow) {
  const std::vector<std::int16_t> lows(4096, -32768);
  const Layer layer = fc_layer(1, lows, 1, lows);
  EXPECT_EQ(run_golden(layer).sums, (std::vector<std::int64_t>{std::int64_t{4096} << 30}));
}

// 300,000 products of 127 * 127 = 4.8e9: the sum must be cut into stretches of 32 bits.
TEST(Golden, LongReductionsAreCutIntoStretches) {
  const std::vector<std::int16_t> values(300000, 127);
  std::vector<std::int16_t> twice = values;
  twice.insert(twice.end(), values.begin(), values.end());
  const Layer layer = fc_layer(2, twice, 1, values);
  const std::int64_t sum = std::int64_t{300000} * 127 * 127;
  EXPECT_EQ(run_golden(layer).sums, (std::vector<std::int64_t>{sum, sum}));
}

TEST(Golden, RequantisesToTheNearestEvenAndClamps) {
  Layer layer = fc_layer(1, {1}, 6, {1, 3, -3, 5, 1000, -1000});
  layer.output = {Dtype::int8, 2.0F, false};  // sums / 2: 0.5, 1.5, -1.5, 2.5, 500, -500
  EXPECT_EQ(requantise(layer, run_golden(layer)), (std::vector<std::int16_t>{0, 2, -2, 2, 127, -128}));
  layer.output.relu = true;
  EXPECT_EQ(requantise(layer, run_golden(layer)), (std::vector<std::int16_t>{0, 2, 0, 2, 127, 0}));
}

TEST(Golden, RequantisesWithTheScaleOfEachFilter) {
  Layer layer = fc_layer(1, {10}, 2, {1, 1});
  layer.weights.scales = {1.0F, 0.5F};
  layer.ifmap.scales = {2.0F};
  EXPECT_EQ(requantise(layer, run_golden(layer)), (std::vector<std::int16_t>{20, 10}));
}

TEST(Golden, RefusesToRequantiseToFp32) {
  Layer layer = fc_layer(1, {10}, 1, {1});
  layer.output.dtype = Dtype::fp32;
  EXPECT_THROW((void)requantise(layer, run_golden(layer)), Error);
}

}  // namespace
}  // namespace basil
