// Chips of several tiles, and of memories: random layers, values verified, accounts closed, contention on
// DRAM.
#include "models/chip.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "models/simulate.h"
#include "traces/random_layers.h"

namespace basil {
namespace {

Trace draw_trace(int count, bool real = false) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (static_cast<int>(trace.layers.size()) >= count) return;
    Layer layer = testing::draw_layer(real);
    layer.name = "L" + std::to_string(trace.layers.size());
    trace.layers.push_back(std::move(layer));
  });
  return trace;
}

void expect_sound(const Result& result, std::int64_t pes) {
  EXPECT_EQ(result.pes, pes);
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), pes * layer.cycles.value) << layer.name;
    EXPECT_GE(layer.cycles, layer.bound.cycles) << layer.name << ": beats its bound";
  }
}

TEST(Chip, ThreeTilesRunRandomLayers) {
  expect_sound(simulate(draw_trace(40), load_accelerator("eyeriss", {"tiles=3"}), {}), 3 * 168);
}
TEST(Chip, TilesOfAUnitsOwnArrayRunRandomLayers) {
  expect_sound(simulate(draw_trace(40), load_accelerator("scnn", {"tiles=2"}), {}), 2 * 1024);
}
TEST(Chip, TilesRunFp32) {
  const Description machine = load_accelerator("fp32", {"tiles=4"});
  for (const LayerResult& layer : simulate(draw_trace(20, true), machine, {}).layers)
    EXPECT_TRUE(layer.verified);
}
TEST(Chip, ClockedTilesRunRandomLayers) {
  Options options;
  options.fidelity = Fidelity::cycle;
  expect_sound(simulate(draw_trace(12),
                        load_accelerator("eyeriss", {"tiles=2", "array.rows=3", "array.cols=4"}), options),
               24);
}
TEST(Chip, ADeviceBehindTheLinkRunsRandomLayers) {
  expect_sound(simulate(draw_trace(40), load_accelerator("eyeriss", {"dram.device=lpddr4-3200"}), {}), 168);
}
TEST(Chip, TilesShareADevice) {
  expect_sound(
      simulate(draw_trace(40),
               load_accelerator("sparten", {"tiles=4", "dram.device=ddr4-2400", "unit.dtype=int16"}), {}),
      4 * 1024);
}

// One layer on one tile and on two: half the filters each, all of the ifmap twice, through the same DRAM.
Trace one_layer() {
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 32, .H = 16, .W = 16, .K = 64, .R = 3, .S = 3};
  layer.weights =
      encode(Encoding::dense, Dtype::int8, {64, 3, 3, 32}, std::vector<std::int16_t>(64 * 9 * 32, 3), {1.0F});
  layer.ifmap = encode(Encoding::dense, Dtype::int8, {1, 16, 16, 32},
                       std::vector<std::int16_t>(16 * 16 * 32, 2), {1.0F});
  Trace trace;
  trace.name = "one";
  trace.layers.push_back(layer);
  return trace;
}
LayerResult on_tiles(int tiles) {
  const Description machine = load_accelerator("dcnn", {"tiles=" + std::to_string(tiles)});
  return simulate(one_layer(), machine, {}).layers.at(0);
}

TEST(Chip, ATileLoadsTheIfmapAndItsOwnFilters) {
  const LayerResult one = on_tiles(1);
  EXPECT_EQ(one.dram_weights.value, 64 * 9 * 32);
  EXPECT_EQ(one.dram_ifmap.value, 16 * 16 * 32 * 2);  // 16-bit words
}
TEST(Chip, TwoTilesLoadTheIfmapTwice) {
  const LayerResult two = on_tiles(2);
  EXPECT_EQ(two.dram_weights.value, 64 * 9 * 32);
  EXPECT_EQ(two.dram_ifmap.value, 2 * 16 * 16 * 32 * 2);
  EXPECT_EQ(two.bins[Bin::compute], 64 * 14 * 14 * 9 * 32);  // as many products as on one
}

}  // namespace
}  // namespace basil
