#include "traces/golden/golden_width.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// 1 x 1 layer of one output: products 1 x weights.
Layer dot_of(const std::vector<std::int16_t>& weights) {
  const int depth = static_cast<int>(weights.size());
  Layer layer;
  layer.name = "dot";
  layer.kind = Kind::fc;
  layer.shape = {.C = depth, .K = 1};
  layer.weights = encode(&dense_encoding, Dtype::int16, {1, 1, 1, depth}, weights, {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 1, depth},
                       std::vector<std::int16_t>(weights.size(), 1), {1.0F});
  return layer;
}

std::int64_t sum_of(const Layer& layer, const SumWidth& width, const ReductionOrder& order = {}) {
  return run_golden(layer, width, order).ofmap.sums.at(0);
}

// 100 + 100 = 200, - 90 = 110: in 8 bits 200 becomes 127, or 200 - 256 = -56.
TEST(GoldenWidth, NarrowsAtTheEndOfEachPass) {
  const Layer layer = dot_of({100, 100, -90});
  const SumWidth saturate{.psum_bits = 8, .accumulator_bits = 16, .overflow = Overflow::saturate};
  const SumWidth wrap{.psum_bits = 8, .accumulator_bits = 8, .overflow = Overflow::wrap};
  EXPECT_EQ(sum_of(layer, saturate), 110);             // one pass: 200 is in the accumulators only
  EXPECT_EQ(sum_of(layer, saturate, {0, 0, 1}), 37);   // 127 - 90
  EXPECT_EQ(sum_of(layer, saturate, {0, 1, 1}), 110);  // 100, then + 10
  EXPECT_EQ(sum_of(layer, wrap), 110);
  EXPECT_EQ(sum_of(layer, wrap, {0, 0, 1}), 110);  // -56 - 90 = -146, which is 110 modulo 256
  for (const SumWidth& width : {saturate, wrap}) {
    const NarrowOfmap two = run_golden(layer, width, {0, 0, 1});
    EXPECT_EQ(two.overflowed, std::vector<std::uint8_t>{1});
    EXPECT_EQ(two.widest_bits, 8);  // 110
    EXPECT_EQ(two.needed_bits, 9);  // 200
    EXPECT_EQ(run_golden(layer, width, {}).overflowed, std::vector<std::uint8_t>{0});
  }
}

// 300 is 44 in accumulators of 8 bits, 300 in those of 10, which 9 bits take for 255.
TEST(GoldenWidth, AccumulatorsWrapBeforeAPsumSaturates) {
  const Layer layer = dot_of({150, 150});
  EXPECT_EQ(sum_of(layer, {.psum_bits = 7, .accumulator_bits = 8, .overflow = Overflow::saturate}), 44);
  EXPECT_EQ(sum_of(layer, {.psum_bits = 9, .accumulator_bits = 10, .overflow = Overflow::saturate}), 255);
  EXPECT_EQ(sum_of(layer, {.psum_bits = 9, .accumulator_bits = 10, .overflow = Overflow::wrap}), 300 - 512);
  EXPECT_EQ(sum_of(layer, {.psum_bits = 9, .accumulator_bits = 9, .overflow = Overflow::error}), 300);
}

// One bit holds 0 and -1.
TEST(GoldenWidth, OneBit) {
  const SumWidth saturate{.psum_bits = 1, .accumulator_bits = 8, .overflow = Overflow::saturate};
  const SumWidth wrap{.psum_bits = 1, .accumulator_bits = 1, .overflow = Overflow::wrap};
  EXPECT_EQ(sum_of(dot_of({3, 4}), saturate), 0);
  EXPECT_EQ(sum_of(dot_of({3, -14}), saturate), -1);
  EXPECT_EQ(sum_of(dot_of({3, 4}), wrap), -1);  // odd
  EXPECT_EQ(sum_of(dot_of({3, 5}), wrap), 0);   // even
}

TEST(GoldenWidth, TheFirstPassStartsFromTheBias) {
  Layer layer = dot_of({100, -100});
  layer.bias = {50};
  const SumWidth width{.psum_bits = 8, .accumulator_bits = 16, .overflow = Overflow::saturate};
  EXPECT_EQ(sum_of(layer, width, {0, 1}), 27);  // 150 becomes 127
  EXPECT_EQ(sum_of(layer, width, {1, 0}), 50);  // -50, then 50
}

TEST(GoldenWidth, RefusesAnOrderOfAnotherLayer) {
  EXPECT_THROW(static_cast<void>(run_golden(dot_of({1, 2, 3}), SumWidth(), {0, 1})), Failure);
}

// The ofmap pixel's products of filter k that pass `pass` adds, by loops.
std::int64_t products(const Layer& layer, const std::vector<std::int16_t>& ifmap,
                      const std::vector<std::int16_t>& weights, const ReductionOrder& order, int pass,
                      const std::array<int, 4>& output) {
  const LayerShape& s = layer.shape;
  const auto [n, p, q, k] = output;
  const int depth = s.channels_per_group();
  std::int64_t sum = 0;
  for (int i = 0; i < static_cast<int>(s.reduction()); ++i) {
    const int y = p * s.stride_y - s.pad_top + i / depth / s.S * s.dilation_y;
    const int x = q * s.stride_x - s.pad_left + i / depth % s.S * s.dilation_x;
    if (order[static_cast<std::size_t>(i)] != pass || y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
    const int channel = k / s.filters_per_group() * depth + i % depth;
    sum += std::int64_t{ifmap[static_cast<std::size_t>(layer.ifmap.extent.at(n, y, x, channel))]} *
           weights[static_cast<std::size_t>(k * s.reduction() + i)];
  }
  return sum;
}

// By division, where the golden executor shifts.
std::int64_t modulo(std::int64_t sum, int bits) {
  if (bits >= 62) return sum;
  const std::int64_t all = std::int64_t{1} << bits, rest = (sum % all + all) % all;
  return rest >= all / 2 ? rest - all : rest;
}

TEST(GoldenWidth, EqualsLoopsThatNarrowPassByPass) {
  check_property(300, [] {
    const Layer layer = testing::draw_layer(false);
    const LayerShape& s = layer.shape;
    const int passes = *anywhere_in(1, 5);
    ReductionOrder order;
    for (std::int64_t i = 0; i < s.reduction(); ++i) order.push_back(*anywhere_in(0, passes));
    const int psum_bits = *anywhere_in(1, 41);
    const SumWidth width{.psum_bits = psum_bits,
                         .accumulator_bits = psum_bits + *anywhere_in(1, 12),
                         .overflow = *rc::gen::element(Overflow::saturate, Overflow::wrap)};
    const std::int64_t most = (std::int64_t{1} << (psum_bits - 1)) - 1;
    const std::vector<std::int16_t> ifmap = decode(layer.ifmap), weights = decode(layer.weights);
    const NarrowOfmap golden = run_golden(layer, width, order);
    const Ofmap& ofmap = golden.ofmap;
    for (std::size_t at = 0; at < ofmap.sums.size(); at += 7) {
      const auto k = static_cast<int>(at) % s.K, q = static_cast<int>(at) / s.K % s.Q(),
                 p = static_cast<int>(at) / s.K / s.Q() % s.P(),
                 n = static_cast<int>(at) / s.K / s.Q() / s.P();
      std::int64_t sum = layer.bias.empty() ? 0 : layer.bias[static_cast<std::size_t>(k)], exact = sum;
      bool overflowed = false;
      for (int pass = 0; pass < passes; ++pass) {
        const std::int64_t added = products(layer, ifmap, weights, order, pass, {n, p, q, k});
        exact += added;
        sum = modulo(sum + added, width.accumulator_bits);
        sum = width.overflow == Overflow::wrap ? modulo(sum, psum_bits)
                                               : std::max(-most - 1, std::min(most, sum));
        overflowed = overflowed || exact > most || exact < -most - 1;
      }
      RC_ASSERT(ofmap.sums[at] == sum);
      RC_ASSERT((golden.overflowed[at] == 1) == overflowed);
    }
  });
}

}  // namespace
}  // namespace basil
