// Bytes between chip and DRAM, each as the sum of its causes, on a layer small enough to count by hand.
#include "models/layer/traffic.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/run_length.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// 2 channels of 3 x 4, 2 filters of 2 x 2: an ofmap of 2 x 3.
Layer small_layer() {
  Layer layer;
  layer.name = "small";
  layer.shape = {.C = 2, .H = 3, .W = 4, .K = 2, .R = 2, .S = 2};
  // rows of x, and in them both channels: 1 2 3 4 / 0 5 0 0 / 1 2 3 4 and 0 0 0 0 / 0 0 0 0 / 7 0 0 9
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 3, 4, 2}, {1, 0, 2, 0, 3, 0, 4, 0,   //
                                                                    0, 0, 5, 0, 0, 0, 0, 0,   //
                                                                    1, 7, 2, 0, 3, 0, 4, 9},  //
                       {0.5F});
  layer.weights = encode(&bitmap_encoding, Dtype::int8, {2, 2, 2, 2},
                         {1, 0, 0, 2, 0, 0, 3, 0,   // 3 non-zeros
                          0, 1, 1, 1, 1, 1, 0, 0},  // 5
                         {0.25F});
  layer.output = {Dtype::int8, 1.0F, true};
  return layer;
}

// 16-bit words.
Description machine_of(Encoding fmaps, bool encoded_weights) {
  Description machine = load_accelerator("eyeriss");
  machine.fmaps = fmaps;
  machine.encoded_weights = encoded_weights;
  return machine;
}

// Two filters, one channel, two by two taps; ofmap rows of three pixels.
Step rows_step() {
  Step step;
  step.weights = {.filters = {0, 2}, .channels = {0, 1}, .taps_y = {0, 2}, .taps_x = {0, 2}};
  step.outputs = {.filters = {0, 2}, .images = {0, 1}, .pixels = {0, 2 * small_layer().shape.Q()}};
  step.ofmap = {{0, 1}, {0, 2}, {0, 2}};
  return step;
}

Step fold_step(Range pixels, Range reduction) {
  Step step;
  step.weights = {.filters = {0, 2}, .reduction = reduction};
  step.outputs = {.filters = {0, 2}, .images = {0, 1}, .pixels = pixels, .flat = true};
  return step;
}

// All of the second filter.
Step tile_step() {
  Step step;
  step.weights = {.filters = {1, 2}, .reduction = {0, 8}, .whole = true};
  return step;
}

TEST(LayerTraffic, WeightsExpandedAreWords) {
  const Layer layer = small_layer();
  const Description machine = machine_of(&dense_encoding, false);
  const LayerTraffic traffic(layer, machine, false);
  EXPECT_EQ(traffic.weights(rows_step()), Bytes(2 * 1 * 2 * 2 * 2));  // filters, channels, taps, bytes
  EXPECT_EQ(traffic.weights(fold_step({0, 6}, {2, 6})), Bytes(2 * 4 * 2));
  EXPECT_EQ(traffic.weights(tile_step()), Bytes(1 * 8 * 2));
  EXPECT_EQ(traffic.all_weights(), Bytes(2 * 8 * 2));
}

TEST(LayerTraffic, EncodedWeightsAreABitAPlaceAndTheNonzeros) {
  const Layer layer = small_layer();
  const Description machine = machine_of(&dense_encoding, true);
  const LayerTraffic traffic(layer, machine, false);
  // Channel 0: 1 0 0 3 of the first filter, 0 1 1 0 of the second.
  EXPECT_EQ(traffic.weights(rows_step()), Bytes((8 + (2 + 2) * 8) / 8));
  // 0 2 0 0 of the first, 1 1 1 1 of the second
  EXPECT_EQ(traffic.weights(fold_step({0, 6}, {2, 6})), Bytes((8 + (1 + 4) * 8) / 8));
  EXPECT_EQ(traffic.weights(tile_step()), Bytes((8 + 5 * 8) / 8));
  EXPECT_EQ(traffic.all_weights(), Bytes((16 + (3 + 5) * 8) / 8));
}

TEST(LayerTraffic, AnIfmapTileIsItsRowsAndNoMore) {
  const Layer layer = small_layer();
  const Description machine = machine_of(&run_length_encoding, false);
  const LayerTraffic first_layer(layer, machine, false);  // its ifmap is not coded
  EXPECT_EQ(first_layer.ifmap({{0, 1}, {0, 2}, {1, 3}}), Bytes(2 * 2 * 4 * 2));
  EXPECT_EQ(first_layer.ifmap({{0, 1}, {1, 2}, {0, 1}}), Bytes(1 * 1 * 4 * 2));
  EXPECT_EQ(first_layer.ifmap_tile_in_buffer({{0, 1}, {0, 2}, {1, 3}}), Bytes(2 * 2 * 4 * 2));
}

TEST(LayerTraffic, RunLengthCodedTilesArePairsOfARunAndALevel) {
  const Layer layer = small_layer();
  const Description machine = machine_of(&run_length_encoding, false);
  const LayerTraffic traffic(layer, machine, true);
  // Three pairs of 5 + 16 bits a 64-bit word. Channel 0: (1 zero, 5), and 1 2 3 4: five pairs, two words.
  // Channel 1: (0 zeros, 7) and (2 zeros, 9): one word. Zeros at the end of a row need no pair.
  EXPECT_EQ(traffic.ifmap({{0, 1}, {0, 1}, {1, 3}}), Bytes(2 * 8));
  EXPECT_EQ(traffic.ifmap({{0, 1}, {0, 2}, {1, 3}}), Bytes(2 * 8 + 1 * 8));
  EXPECT_EQ(traffic.ifmap({{0, 1}, {1, 2}, {0, 2}}), Bytes(0));  // nothing but zeros
  // In the buffer they are words again.
  EXPECT_EQ(traffic.ifmap_tile_in_buffer({{0, 1}, {0, 2}, {1, 3}}), Bytes(2 * 2 * 4 * 2));
  EXPECT_EQ(traffic.needed_ifmap(), Bytes(3 * 8 + 1 * 8));  // channel 0: 4 + 1 + 4 pairs; channel 1: 2
}

// A run counts to 31: the 32nd zero is a level of its own.
TEST(LayerTraffic, ARunEndsWhereItsFieldIsFull) {
  Layer layer;
  layer.shape = {.C = 1, .H = 1, .W = 40, .K = 1};
  std::vector<std::int16_t> words(40, 0);
  const auto pairs = [&](int zeros) {
    std::fill(words.begin(), words.end(), std::int16_t{0});
    words[static_cast<std::size_t>(zeros)] = 9;
    layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 40, 1}, words, {1.0F});
    layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 1}, {1}, {1.0F});
    const Description machine = machine_of(&run_length_encoding, false);
    const LayerTraffic traffic(layer, machine, true);
    return traffic.ifmap({{0, 1}, {0, 1}, {0, 1}});
  };
  EXPECT_EQ(pairs(31), Bytes(8));
  EXPECT_EQ(pairs(33), Bytes(8));  // two pairs still fit a word
  words.assign(97, 0);
  words[96] = 9;
  layer.shape.W = 97;
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 97, 1}, words, {1.0F});
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 1}, {1}, {1.0F});
  const Description machine = machine_of(&run_length_encoding, false);
  // 96 zeros = 3 x 32: three full runs and the level: four pairs, two words.
  EXPECT_EQ(LayerTraffic(layer, machine, true).ifmap({{0, 1}, {0, 1}, {0, 1}}), Bytes(2 * 8));
}

TEST(LayerTraffic, BitmapsAreABitAWordAndTheNonzerosChannelByChannel) {
  const Layer layer = small_layer();
  const Description machine = machine_of(&bitmap_encoding, false);
  const LayerTraffic traffic(layer, machine, true);
  const Bytes first(11), second(5);  // (8 + 5 x 16) / 8, (8 + 2 x 16) / 8: two rows of four words
  EXPECT_EQ(traffic.ifmap({{0, 1}, {0, 2}, {1, 3}}), first + second);
  EXPECT_EQ(traffic.ifmap_tile_in_buffer({{0, 1}, {0, 2}, {1, 3}}), first + second);  // coded there too
}

// Scales of 0.5 x 0.25 behind a step of 1: a sum leaves as zero up to 4 on either side.
Ofmap small_sums() {
  return {.N = 1,
          .P = 2,
          .Q = 3,
          .K = 2,
          .sums = {5, 0, 0, 3, 4, 0,         // p 0: filter 0 has 5 0 4
                   -100, 4, 9, 0, 100, -9},  // p 1: filter 0 has -100 9 100; filter 1 4 0 -9
          .reals = {}};
}

TEST(LayerTraffic, AnOfmapLeavesAfterReluAndRequantisation) {
  const Layer layer = small_layer();
  const Ofmap sums = small_sums();
  const Description dense = machine_of(&dense_encoding, false),
                    pairs = machine_of(&run_length_encoding, false),
                    bitmap = machine_of(&bitmap_encoding, false);
  EXPECT_EQ(LayerTraffic(layer, dense, false).ofmap(rows_step(), sums), Bytes(2 * 3 * 2 * 2));
  // Filter 0 leaves as 1 0 0 / 0 1 13 (rounded), filter 1 as zeros alone.
  EXPECT_EQ(LayerTraffic(layer, pairs, false).nonzero_outputs(sums), 3);
  EXPECT_EQ(LayerTraffic(layer, pairs, false).ofmap(rows_step(), sums), Bytes(1 * 8 + 0));
  EXPECT_EQ(LayerTraffic(layer, bitmap, false).ofmap(rows_step(), sums),
            Bytes((6 + 3 * 16 + 2) / 8 + (6 + 2) / 8));  // rounded up filter by filter
  EXPECT_EQ(LayerTraffic(layer, pairs, false).all_ofmap(sums), Bytes(8));
}

// Two rows of 40: levels at 0 and 14, then 25 zeros; 32 zeros, then a level. A row's code begins anew, so
// that the second one takes a full run and a level.
TEST(LayerTraffic, ARunOfOutputsEndsWithItsRow) {
  Layer layer;
  layer.shape = {.C = 1, .H = 2, .W = 40, .K = 1};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 2, 40, 1}, std::vector<std::int16_t>(80, 1), {1.0F});
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 1}, {1}, {1.0F});
  layer.output = {Dtype::int8, 1.0F, true};
  Ofmap sums{.N = 1, .P = 2, .Q = 40, .K = 1, .sums = std::vector<std::int64_t>(80, 0), .reals = {}};
  sums.sums[0] = sums.sums[14] = sums.sums[40 + 32] = 5;
  const Description machine = machine_of(&run_length_encoding, false);
  EXPECT_EQ(LayerTraffic(layer, machine, false).all_ofmap(sums), Bytes(2 * 8));  // four pairs, three a word
}

TEST(LayerTraffic, WithoutReluNegativeSumsLeaveToo) {
  Layer layer = small_layer();
  layer.output.relu = false;
  const Description machine = machine_of(&run_length_encoding, false);
  const LayerTraffic traffic(layer, machine, false);
  EXPECT_EQ(traffic.nonzero_outputs(small_sums()), 3 + 1 + 1);  // -100 of filter 0, -9 of filter 1
  // Filter 0: 5, -100, 9, 100: four pairs, two words. Filter 1: (2 zeros, -9): one.
  EXPECT_EQ(traffic.ofmap(rows_step(), small_sums()), Bytes(2 * 8 + 1 * 8));
}

// A fold's pixels may end one image and begin the next.
TEST(LayerTraffic, AFoldsOfmapIsItsPixels) {
  Layer layer = small_layer();
  layer.shape.N = 2;
  const Description machine = machine_of(&dense_encoding, false);
  const LayerTraffic traffic(layer, machine, false);
  Step fold = fold_step({4, 8}, {0, 8});
  fold.ofmap = {{0, 2}, {0, 2}, {0, 2}};
  EXPECT_EQ(traffic.ofmap_in_buffer(fold), Bytes((2 + 2) * 2 * 2));  // pixels of each image, filters, bytes
}

TEST(LayerTraffic, RowsThatNoWindowTouchesAreNotNeeded) {
  Layer layer = small_layer();
  layer.shape = {.C = 2, .H = 3, .W = 4, .K = 2, .stride_y = 2};
  layer.weights = encode(&dense_encoding, Dtype::int8, {2, 1, 1, 2}, {1, 1, 1, 1}, {0.25F});
  const Description machine = machine_of(&dense_encoding, false);
  EXPECT_EQ(LayerTraffic(layer, machine, false).needed_ifmap(), Bytes(2 * 2 * 4 * 2));  // rows 0 and 2 of 3
}

TEST(EffectualMacs, AreProductsOfTwoNonzeros) {
  Layer layer;
  layer.shape = {.C = 1, .H = 1, .W = 4, .K = 1, .R = 1, .S = 2};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 4, 1}, {1, 0, 2, 3}, {1.0F});
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 2, 1}, {5, 7}, {1.0F});
  EXPECT_EQ(effectual_macs(layer), 1 + 1 + 2);  // windows 1 0, 0 2, 2 3
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 2, 1}, {0, 7}, {1.0F});
  EXPECT_EQ(effectual_macs(layer), 0 + 1 + 1);
}

// Every output, tap and channel by itself.
std::int64_t counted(const Layer& layer) {
  const LayerShape& s = layer.shape;
  const auto ifmap = decode(layer.ifmap), weights = decode(layer.weights);
  const int depth = s.channels_per_group();
  std::int64_t macs = 0;
  const auto at = [](const auto& values, std::int64_t place) {
    return values[static_cast<std::size_t>(place)];
  };
  for (int n = 0; n < s.N; ++n) {
    for (int p = 0; p < s.P(); ++p) {
      for (int q = 0; q < s.Q(); ++q) {
        for (int k = 0; k < s.K; ++k) {
          for (int tap = 0; tap < s.R * s.S * depth; ++tap) {
            const int c = tap % depth, x = tap / depth % s.S, y = tap / depth / s.S;
            const int row = p * s.stride_y - s.pad_top + y * s.dilation_y;
            const int column = q * s.stride_x - s.pad_left + x * s.dilation_x;
            if (row < 0 || row >= s.H || column < 0 || column >= s.W) continue;
            const int channel = k / s.filters_per_group() * depth + c;
            const bool effectual = at(ifmap, layer.ifmap.extent.at(n, row, column, channel)) != 0 &&
                                   at(weights, layer.weights.extent.at(k, y, x, c)) != 0;
            macs += effectual ? 1 : 0;
          }
        }
      }
    }
  }
  return macs;
}

RC_GTEST_PROP(EffectualMacs, AreWhatCountingEachSays, ()) {
  const Layer layer = testing::draw_layer(false);
  RC_ASSERT(effectual_macs(layer) == counted(layer));
}

}  // namespace
}  // namespace basil
