// The least any schedule could need, by formula on both of its sides.
#include <gtest/gtest.h>

#include "models/simulate.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// 16 channels of 8 x 8, 16 filters of 3 x 3, padded by 1, no zero anywhere but on the padding.
Trace dense_trace() {
  Layer layer;
  layer.name = "dense";
  layer.shape = {.C = 16,
                 .H = 8,
                 .W = 8,
                 .K = 16,
                 .R = 3,
                 .S = 3,
                 .pad_top = 1,
                 .pad_bottom = 1,
                 .pad_left = 1,
                 .pad_right = 1};
  layer.ifmap =
      encode(&dense_encoding, Dtype::int8, {1, 8, 8, 16}, std::vector<std::int16_t>(8 * 8 * 16, 1), {1.0F});
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {16, 3, 3, 16}, std::vector<std::int16_t>(16 * 9 * 16, 1), {1.0F});
  layer.output = {Dtype::int8, 1.0F, false};
  Trace trace;
  trace.name = "dense";
  trace.layers = {layer};
  return trace;
}

// Of three taps the outer ones miss the plane once: 3 x 8 - 2 a side.
inline constexpr std::int64_t effectual = 16 * 16 * (3 * 8 - 2) * (3 * 8 - 2);
inline constexpr std::int64_t bytes = 16 * 9 * 16 + 16 * 8 * 8 + 16 * 8 * 8;  // weights, ifmap, ofmap

TEST(Bound, IsOfMemoryWhereBytesTakeLonger) {
  // 32 x 32 PEs at 500 MHz; 64 bits at 1200 MHz.
  const Bound bound = simulate(dense_trace(), load_accelerator("tpu-like"), {}).layers[0].bound;
  EXPECT_EQ(bound.effectual_macs, effectual);
  EXPECT_EQ(bound.bytes, Bytes(bytes));
  EXPECT_TRUE(bound.by_memory);
  EXPECT_EQ(bound.cycles, Cycles(227));  // 4352 B are 544 link clocks, x 500 / 1200 = 226.7
}

TEST(Bound, IsOfThePesWhereProductsTakeLonger) {
  const Description machine = load_accelerator("tpu-like", {"dram.bits=1024"});
  const Bound bound = simulate(dense_trace(), machine, {}).layers[0].bound;
  EXPECT_EQ(bound.bytes, Bytes(bytes));  // 34 link clocks, 15 cycles
  EXPECT_FALSE(bound.by_memory);
  EXPECT_EQ(bound.cycles, Cycles(121));  // 123 904 products over 1024 PEs
}

// Pins of 1024 bits before a chip of 16, which takes 8 clocks of 0.625 ns for a burst of 32 bytes: 136 bursts
// are 680 ns, 340 cycles.
TEST(Bound, IsOfTheDeviceWhereItsPinsAreFaster) {
  const Description machine = load_accelerator("tpu-like", {"dram.bits=1024", "dram.device=lpddr4-3200"});
  const Bound bound = simulate(dense_trace(), machine, {}).layers[0].bound;
  EXPECT_TRUE(bound.by_memory);
  EXPECT_EQ(bound.cycles, Cycles(340));
}

// A slot spent on a zero is work of a PE, though it does not multiply.
TEST(Utilisation, CountsSlotsSpentOnPadding) {
  const LayerResult layer = simulate(dense_trace(), load_accelerator("eyeriss"), {}).layers[0];
  const std::int64_t slots = 16 * 16 * 9 * 8 * 8;
  EXPECT_EQ(layer.bins[Bin::compute], effectual);
  EXPECT_EQ(layer.bins[Bin::gated], slots - effectual);
  EXPECT_EQ(layer.gated, slots - effectual);
  EXPECT_NEAR(layer.utilisation,
              static_cast<double>(slots) / (168.0 * static_cast<double>(layer.cycles.value)), 1e-12);
}

}  // namespace
}  // namespace basil
