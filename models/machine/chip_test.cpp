// Chips of several tiles, and of memories: random layers, values verified, accounts closed, contention on
// DRAM.
#include "models/machine/chip.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/error.h"
#include "models/simulate.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"

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
    // What the array exchanges with the buffers, but for the results' way on to DRAM.
    EXPECT_LE(layer.noc.ifmap + layer.noc.psums_in + layer.noc.psums_out, layer.buffer_array) << layer.name;
    EXPECT_GT(layer.noc.ifmap + layer.noc.psums_out, Bytes(0)) << layer.name;
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

// Networks of routers between buffers and PEs, and between DRAM and tiles: values, accounts, and counts.
void expect_sound_when_routed(const std::string& kind, const std::string& name) {
  std::vector<std::string> keys{"noc.kind=" + kind, "tiles=2", "noc.routers.flit_bits=128",
                                "unit.dtype=int16"};
  if (name == "eyeriss") keys.emplace_back("noc.ifmap_fifo=8");
  const Description machine = load_accelerator(name, keys);
  const Result result = simulate(draw_trace(20), machine, {});
  expect_sound(result, 2 * machine.pes());
  RoutedTraffic array, chip;
  for (const LayerResult& layer : result.layers) {
    array.packets += layer.array_noc.packets;
    chip.packets += layer.chip_noc.packets;
    EXPECT_LE(layer.array_noc.busiest, layer.cycles) << layer.name;
    EXPECT_LE(layer.chip_noc.busiest, layer.cycles) << layer.name;
  }
  EXPECT_GT(array.packets, std::ssize(result.layers));
  EXPECT_GT(chip.packets, std::ssize(result.layers));
}
TEST(Chip, AMeshServesARowStationaryArray) { expect_sound_when_routed("mesh", "eyeriss"); }
TEST(Chip, AMeshServesASystolicArray) { expect_sound_when_routed("mesh", "tpu-like"); }
TEST(Chip, AMeshServesAUnitsOwnArray) { expect_sound_when_routed("mesh", "sparten"); }
TEST(Chip, AnHTreeServesARowStationaryArray) { expect_sound_when_routed("h-tree", "eyeriss"); }
TEST(Chip, ACrossbarServesAUnitsOwnArray) { expect_sound_when_routed("crossbar", "sparten"); }

TEST(Chip, ClockedTilesMoveFlits) {
  Options options;
  options.fidelity = Fidelity::cycle;
  const std::vector<std::string> keys{"tiles=2",       "array.rows=3",       "array.cols=4",
                                      "noc.kind=mesh", "noc.routers.rows=2", "noc.routers.cols=2"};
  expect_sound(simulate(draw_trace(12), load_accelerator("eyeriss", keys), options), 24);
}

// One layer on one tile and on two: half the filters each, all of the ifmap twice, through the same DRAM.
Trace one_small_layer() {
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 32, .H = 16, .W = 16, .K = 64, .R = 3, .S = 3};
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {64, 3, 3, 32}, std::vector<std::int16_t>(64 * 9 * 32, 3), {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 16, 16, 32},
                       std::vector<std::int16_t>(16 * 16 * 32, 2), {1.0F});
  Trace trace;
  trace.name = "one";
  trace.layers.push_back(layer);
  return trace;
}
LayerResult on_tiles(int tiles) {
  const Description machine = load_accelerator("dcnn", {"tiles=" + std::to_string(tiles)});
  return simulate(one_small_layer(), machine, {}).layers.at(0);
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

// One filter on two tiles: the second has nothing to do, but leaks as long as the first one works.
TEST(Chip, ATileWithoutAFilterLeaks) {
  Trace trace = one_small_layer();
  Layer& layer = trace.layers[0];
  layer.shape.K = 1;
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {1, 3, 3, 32}, std::vector<std::int16_t>(9 * 32, 3), {1.0F});
  const LayerResult result = simulate(trace, load_accelerator("dcnn", {"tiles=2"}), {}).layers.at(0);
  double leaking = 0;
  for (const EnergyLine& line : result.energy.lines())
    leaking += line.item == "leakage of operators, a cycle" ? line.count : 0;
  EXPECT_EQ(leaking, 2.0 * static_cast<double>(result.cycles.value));
  EXPECT_GE(result.bins[Bin::idle], 1024 * result.cycles.value);
}

// Behind memories that are never late, links that take a flit in eight cycles are what the array waits for.
// Words under way keep PEs waiting for that operand; the rest is the network's own bin.
double share_of_waiting(const char* link_cycles) {
  const std::vector<std::string> keys{"noc.kind=mesh", "dram.link_mhz=100000", "buffers.fmaps.port_bits=1024",
                                      "buffers.filters.port_bits=1024",
                                      std::string("noc.routers.link_cycles=") + link_cycles};
  const LayerResult layer = simulate(one_small_layer(), load_accelerator("eyeriss", keys), {}).layers[0];
  std::int64_t waiting = 0;
  for (const Bin bin : {Bin::noc, Bin::wait_weights, Bin::wait_activations, Bin::wait_psums})
    waiting += layer.bins[bin];
  return static_cast<double>(waiting) / static_cast<double>(layer.bins.total());
}
TEST(Chip, SlowLinksKeepTheArrayWaiting) { EXPECT_GT(share_of_waiting("8"), 0.5); }
TEST(Chip, QuickLinksDoSoLess) { EXPECT_LT(share_of_waiting("1"), 0.45); }

// A memory that needs no time, behind links that take a flit in eight cycles: four tiles wait for the
// network, and the account says so.
TEST(Chip, TilesWaitForTheNetworkTheyShare) {
  const std::vector<std::string> keys{"tiles=4",           "dram.link_mhz=100000",
                                      "dram.latency_ns=0", "dram.row_miss_ns=0",
                                      "noc.kind=mesh",     "noc.routers.link_cycles=8"};
  const LayerResult layer = simulate(one_small_layer(), load_accelerator("eyeriss", keys), {}).layers[0];
  EXPECT_GT(layer.dram_stall, Cycles(0));
  EXPECT_GT(layer.bins[Bin::noc], layer.bins[Bin::dram]);
  EXPECT_GT(layer.chip_noc.busiest.value, layer.cycles.value / 4);
}

TEST(Chip, RefusesGridsThatAreNoNetwork) {
  for (const char* bad :
       {"noc.routers.rows=0", "noc.routers.cols=33", "noc.kind=ring", "noc.routers.buffer=0"})
    EXPECT_THROW((void)load_accelerator("eyeriss", {"noc.kind=mesh", bad}), Error) << bad;
  EXPECT_THROW(
      (void)load_accelerator("eyeriss", {"noc.kind=mesh", "noc.routers.rows=1", "noc.routers.cols=1"}),
      Error);
}

}  // namespace
}  // namespace basil
