// The encodings that are for weights only: what they mean, by the formulas of operand.h.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/encodings/slice.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

constexpr int works = 1000;

Extent draw_extent() {
  return {*anywhere_in(1, 6), *anywhere_in(1, 5), *anywhere_in(2, 5), *anywhere_in(1, 80)};
}

int power(int code) { return code == 0 ? 0 : (code < 0 ? -1 : 1) << (std::abs(code) - 1); }

bool bit(const std::vector<std::uint64_t>& bits, std::int64_t at) {
  return (bits[static_cast<std::size_t>(at / 64)] >> (at % 64) & 1U) != 0;
}

// Every position of the extent in order, each with its (k, r, s, c).
std::vector<std::int16_t> by_position(const Extent& e,
                                      const std::function<int(int, int, int, int)>& weight_of) {
  std::vector<std::int16_t> weights;
  for (int k = 0; k < e.outer; ++k)
    for (int r = 0; r < e.rows; ++r)
      for (int s = 0; s < e.cols; ++s)
        for (int c = 0; c < e.depth; ++c) weights.push_back(static_cast<std::int16_t>(weight_of(k, r, s, c)));
  return weights;
}

TEST(PowerOfTwo, IsASumOfSignedPowers) {
  const Operand shift = testing::fitted_trace().layers[0].weights;
  EXPECT_EQ(decode(shift), (std::vector<std::int16_t>{0, 0, 0, 0,    // no term
                                                      64, 0, -1, 2,  // one
                                                      4 - 1, 0 + 0, -64 - 64, 1 + 8}));
  EXPECT_EQ(encoded_bits(shift), (0 + 4 + 8) * 4 + 3 * 2);
  EXPECT_EQ(filter_bits(shift, 2, 3), 8 * 4 + 2);
  EXPECT_EQ(nonzeros(shift), 3 + 3);
}

TEST(PowerOfTwo, EqualsItsFormula) {
  check_property(works, [] {
    const Extent e = draw_extent();
    const Operand weights = testing::draw_weights(&power_of_two_encoding, e);
    check(weights, "drawn");
    const int plane = e.rows * e.cols * e.depth;
    const auto expected = by_position(e, [&](int k, int r, int s, int c) {
      int codes = 0, sum = 0;
      for (int before = 0; before < k; ++before)
        codes += weights.parts<PowerOfTwo>().terms[static_cast<std::size_t>(before)] * plane;
      for (int term = 0; term < weights.parts<PowerOfTwo>().terms[static_cast<std::size_t>(k)]; ++term)
        sum += power(
            weights.values[static_cast<std::size_t>(codes + term * plane + (r * e.cols + s) * e.depth + c)]);
      return sum;
    });
    RC_ASSERT(decode(weights) == expected);
  });
}

TEST(PowerOfTwo, IsReadSliceBySlice) {
  check_property(works, [] {
    const Extent e = draw_extent();
    const Operand weights = testing::draw_weights(&power_of_two_encoding, e);
    const std::vector<std::int16_t> dense = decode(weights);
    const int positions = static_cast<int>(e.positions());
    const int first = *anywhere_in(0, positions), count = *anywhere_in(0, positions - first + 1);
    std::vector<std::int16_t> found(static_cast<std::size_t>(count), 99);
    SliceReader(weights).read(first, count, found.data());
    RC_ASSERT(found == std::vector<std::int16_t>(dense.begin() + first, dense.begin() + first + count));
  });
}

// Kernels 1 2 3 4 and 10 -20 30 -40. Filter 0: channel 0 is +B0, channel 2 is -B0 + B1. Filter 1: channel 2
// is +B1.
TEST(Basis, IsATernarySumOfKernels) {
  const Operand basis = testing::fitted_trace().layers[1].weights;
  EXPECT_EQ(decode(basis), (std::vector<std::int16_t>{1, 0, -1 + 10, 2, 0, -2 - 20, 3, 0, 27, 4, 0, -44,
                                                      0, 0, 10,      0, 0, -20,     0, 0, 30, 0, 0, -40}));
  EXPECT_EQ(weights_held(basis), 2 * 2 * 3);
  EXPECT_EQ(nonzeros(basis), 4);
  EXPECT_EQ(encoded_bits(basis), 8 * 8 + 12 + 4);
  EXPECT_EQ(filter_bits(basis, 0, 1), 8 * 8 + 6 + 3);
  EXPECT_EQ(filter_bits(basis, 1, 2), 6 + 1);
}

TEST(Basis, EqualsItsFormula) {
  check_property(works, [] {
    const Extent e = draw_extent();
    const Operand weights = testing::draw_weights(&basis_encoding, e);
    check(weights, "drawn");
    std::vector<int> coefficients;
    std::int64_t set = 0;
    for (std::int64_t i = 0; i < std::int64_t{e.outer} * weights.parts<Basis>().bases * e.depth; ++i)
      coefficients.push_back(!bit(weights.parts<Basis>().bitmap, i)     ? 0
                             : bit(weights.parts<Basis>().signs, set++) ? -1
                                                                        : 1);
    const auto expected = by_position(e, [&](int k, int r, int s, int c) {
      int sum = 0;
      for (int m = 0; m < weights.parts<Basis>().bases; ++m)
        sum += coefficients[static_cast<std::size_t>((k * weights.parts<Basis>().bases + m) * e.depth + c)] *
               weights.values[static_cast<std::size_t>((m * e.rows + r) * e.cols + s)];
      return sum;
    });
    RC_ASSERT(decode(weights) == expected);
  });
}

TEST(Binary, IsPlusOrMinusOne) {
  check_property(works, [] {
    const Extent e = draw_extent();
    const Operand weights = testing::draw_weights(&binary_encoding, e);
    check(weights, "drawn");
    RC_ASSERT(decode(weights) == by_position(e, [&](int k, int r, int s, int c) {
                return bit(weights.parts<Binary>().bitmap, e.at(k, r, s, c)) ? 1 : -1;
              }));
    RC_ASSERT(encoded_bits(weights) == e.positions() + 16 * e.depth);
  });
}

TEST(WeightBits, OfFiltersAddUpToTheWhole) {
  check_property(works, [] {
    const Operand weights = testing::draw_weights(testing::draw_any_encoding(), draw_extent());
    const int split = *anywhere_in(0, weights.extent.outer + 1);
    if (weights.encoding == &run_length_encoding) return;  // a run may cross from a filter to the next
    RC_ASSERT(filter_bits(weights, 0, split) + filter_bits(weights, split, weights.extent.outer) ==
              encoded_bits(weights));
    RC_ASSERT(SliceReader(weights).encoded_bits(0, weights.extent.positions()) == encoded_bits(weights));
  });
}

std::int64_t input(const Layer& layer, const std::vector<std::int16_t>& ifmap, int n, int y, int x, int c) {
  const LayerShape& s = layer.shape;
  return y < 0 || y >= s.H || x < 0 || x >= s.W
             ? 0
             : ifmap[static_cast<std::size_t>(layer.ifmap.extent.at(n, y, x, c))];
}

// Sums by a function that gives what filter k adds for one channel at window (n, y, x).
std::vector<std::int64_t> by_channel(
    const Layer& layer, const std::function<std::int64_t(int, int, int, int, int)>& channel_sum) {
  const LayerShape& s = layer.shape;
  std::vector<std::int64_t> sums;
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < s.P(); ++p)
      for (int q = 0; q < s.Q(); ++q)
        for (int k = 0; k < s.K; ++k) {
          std::int64_t sum = layer.bias.empty() ? 0 : layer.bias[static_cast<std::size_t>(k)];
          for (int c = 0; c < s.C; ++c)
            sum += channel_sum(n, p * s.stride_y - s.pad_top, q * s.stride_x - s.pad_left, k, c);
          sums.push_back(sum);
        }
  return sums;
}

TEST(Comparator, ComparesTapsWithAPivotThenAdds) {
  check_property(works, [] {
    const Layer layer = testing::draw_layer_in(&comparator_encoding);
    check(layer);
    const LayerShape& s = layer.shape;
    const Operand& weights = layer.weights;
    const std::vector<std::int16_t> ifmap = decode(layer.ifmap);
    const auto channel_sum = [&](int n, int y, int x, int k, int c) {
      const auto at = [&](int place) {
        const int offset =
            weights.parts<Comparator>()
                .offsets[static_cast<std::size_t>(c * (weights.parts<Comparator>().taps + 1) + place)];
        return input(layer, ifmap, n, y + offset / s.S * s.dilation_y, x + offset % s.S * s.dilation_x, c);
      };
      std::int64_t word = 0;
      for (int tap = 0; tap < weights.parts<Comparator>().taps; ++tap)
        word += at(tap + 1) > at(0) ? 1 << tap : 0;
      return word * power(weights.values[static_cast<std::size_t>(k * s.C + c)]);
    };
    RC_ASSERT(run_golden(layer).sums == by_channel(layer, channel_sum));
  });
}

// Windows of 2 x 2 on 3 x 3 of channels 0 and 1: channel 0 counts 1 where the place to the right exceeds the
// corner and 2 where the one across does, channel 1 compares the upper two with the one below.
TEST(Comparator, IsWorkedOutByHand) {
  Layer layer = testing::fitted_trace().layers[2];
  layer.ifmap.values = {1, 0, 5, 0, 1, 9,  // rows of (channel 0, channel 1)
                        2, 4, 7, 0, 7, 0,  //
                        0, 9, 0, 0, 7, -1};
  check(layer);
  // U of channel 0: [5>1] + 2[7>1] = 3, [1>5] + 2[7>5] = 2, [7>2] + 2[0>2] = 1, [7>7] + 2[7>7] = 0
  // U of channel 1: [0>4] + 2[0>4] = 0, [0>0] + 2[9>0] = 2, [4>9] + 2[0>9] = 0, [0>0] + 2[0>0] = 0
  // weights: filter 0 is 1 and -4, filter 1 is 0 and 64
  EXPECT_EQ(run_golden(layer).sums, (std::vector<std::int64_t>{3, 0, 2 - 8, 128, 1, 0, 0, 0}));
  EXPECT_EQ(encoded_bits(layer.weights), 6 * 2 + 4 * 4);
  EXPECT_EQ(filter_bits(layer.weights, 1, 2), 2 * 4);
}

TEST(Binary, CountsAgreements) {
  check_property(works, [] {
    const Layer layer = testing::draw_layer_in(&binary_encoding);
    check(layer);
    const LayerShape& s = layer.shape;
    const std::vector<std::int16_t> ifmap = decode(layer.ifmap);
    const auto channel_sum = [&](int n, int top, int left, int k, int c) {
      std::int64_t sum = 0;
      for (int r = 0; r < s.R; ++r)
        for (int t = 0; t < s.S; ++t) {
          const int y = top + r * s.dilation_y, x = left + t * s.dilation_x;
          if (y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
          const bool above =
              input(layer, ifmap, n, y, x, c) > layer.weights.values[static_cast<std::size_t>(c)];
          sum += above == bit(layer.weights.parts<Binary>().bitmap, layer.weights.extent.at(k, r, t, c)) ? 1
                                                                                                         : -1;
        }
      return sum;
    };
    RC_ASSERT(run_golden(layer).sums == by_channel(layer, channel_sum));
  });
}

std::string complaint(const Operand& operand) {
  try {
    check(operand, "weights");
  } catch (const Error& error) { return error.what(); }
  return "nothing";
}

// What check() says after one change to the sample's operand; a file cannot hold some of these.
TEST(WeightsCheck, SaysWhichPartIsWrong) {
  const Trace trace = testing::fitted_trace();
  const auto said = [&](std::size_t layer, const std::function<void(Operand&)>& change) {
    Operand changed = trace.layers[layer].weights;
    change(changed);
    return complaint(changed);
  };
  EXPECT_EQ(said(0, [](Operand& o) { o.parts<PowerOfTwo>().terms.pop_back(); }),
            "weights.terms: 2 numbers, expected one for each of the 3 filters");
  EXPECT_EQ(said(0, [](Operand& o) { o.parts<PowerOfTwo>().terms[1] = 3; }),
            "weights.terms: 3 for filter 1, expected 0 to 2");
  EXPECT_EQ(said(0, [](Operand& o) { o.values.pop_back(); }),
            "weights.values: 11 codes, expected 12, one for each weight and term");
  EXPECT_EQ(said(0, [](Operand& o) { o.values[2] = -8; }), "weights.values: code -8 at 2, expected -7 to 7");
  EXPECT_EQ(said(0, [](Operand& o) { o.values[2] = 9; }), "weights.values: 9 at 2, expected -8 to 7 (int4)");
  EXPECT_EQ(said(0, [](Operand& o) { o.dtype = Dtype::int8; }),
            "weights.dtype: int8, expected int4: a sign and a 3-bit exponent");
  EXPECT_EQ(said(0, [](Operand& o) { o.own = Basis(); }),
            "operand: parts of another encoding, expected those of power_of_two, or none to fill");
  EXPECT_EQ(said(1, [](Operand& o) { o.parts<Basis>().bases = 65; }), "weights.bases: 65, expected 1 to 64");
  EXPECT_EQ(said(1, [](Operand& o) { o.dtype = Dtype::int16; }),
            "weights.dtype: int16, expected int8 basis kernels");
  EXPECT_EQ(said(1, [](Operand& o) { o.values.pop_back(); }),
            "weights.values: 7 values, expected 2 kernels of 2 x 2");
  EXPECT_EQ(said(1, [](Operand& o) { o.parts<Basis>().bitmap.clear(); }),
            "weights.bitmap: 0 words of 64 bits, expected 1 for 12 coefficients");
  EXPECT_EQ(said(1, [](Operand& o) { o.parts<Basis>().signs.clear(); }),
            "weights.signs: 0 words of 64 bits, or bits past the last, expected one bit for each of the 4 "
            "coefficients set");
  EXPECT_EQ(said(1, [](Operand& o) { o.reals = {1}; }),
            "weights.reals: a part to spare, expected none for basis int8");
  EXPECT_EQ(said(2, [](Operand& o) { o.parts<Comparator>().taps = 0; }), "weights.taps: 0, expected 1 to 3");
  EXPECT_EQ(said(2, [](Operand& o) { o.parts<Comparator>().taps = 4; }), "weights.taps: 4, expected 1 to 3");
  EXPECT_EQ(said(2,
                 [](Operand& o) {
                   o.extent = {2, 1, 1, 2};
                 }),
            "weights.taps: 2, expected a window of at least two places");
  EXPECT_EQ(said(2,
                 [](Operand& o) {
                   o.extent = {2, 1, 257, 2};
                 }),
            "weights.extent: a window of 257, expected at most 256 places");
  EXPECT_EQ(said(2, [](Operand& o) { o.parts<Comparator>().offsets.pop_back(); }),
            "weights.offsets: 5 offsets, expected 3 for each of 2 channels");
  EXPECT_EQ(said(2, [](Operand& o) { o.parts<Comparator>().offsets[5] = 4; }),
            "weights.offsets: 4 at 5, expected 0 to 3, places of the window");
  EXPECT_EQ(said(2, [](Operand& o) { o.values.pop_back(); }),
            "weights.values: 3 codes, expected 2 x 2 of the pointwise stage");
  EXPECT_EQ(said(2, [](Operand& o) { o.values[0] = -8; }), "weights.values: code -8 at 0, expected -7 to 7");
  EXPECT_EQ(said(3, [](Operand& o) { o.parts<Binary>().bitmap = {std::uint64_t{1} << 24}; }),
            "weights.bitmap: a bit set past the last of 24 positions, expected zeros there");
  EXPECT_EQ(said(3, [](Operand& o) { o.parts<Binary>().bitmap.clear(); }),
            "weights.bitmap: 0 words of 64 bits, expected 1 for 24 positions");
  EXPECT_EQ(said(3, [](Operand& o) { o.values.clear(); }),
            "weights.values: 0 thresholds, expected one for each of the 3 channels");
  EXPECT_EQ(said(3, [](Operand& o) { o.dtype = Dtype::int8; }),
            "weights.dtype: int8, expected int16 thresholds");
}

TEST(WeightEncodings, AreNotMadeByEncode) {
  for (const Encoding encoding : testing::all_encodings()) {
    if (!only_weights(encoding)) continue;
    EXPECT_THROW((void)encode(encoding, Dtype::int8, {1, 1, 1, 1}, {1}, {1.0F}), Error);
  }
}

}  // namespace
}  // namespace basil
