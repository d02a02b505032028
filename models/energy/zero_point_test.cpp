// What taking the ifmap's zero point costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "models/description/description.h"
#include "models/runs/energy_by_hand.h"

namespace basil {
namespace {

class ZeroPoint : public ::testing::TestWithParam<std::string> {};

// The layer of ones, its ifmap's codes 1 above a zero point: the account has one line more, the 256 words of
// the ifmap by an adder as wide as a word, add_psum being one of 32 bits. Nothing else moves.
TEST_P(ZeroPoint, IsTakenFromEachWordOfTheIfmap) {
  const Description machine = load_accelerator(GetParam());
  Layer layer = testing::layer_of_ones();
  layer.ifmap.codes = Codes{.dtype = Dtype::int8, .zero_points = {-5}};
  const Result result = testing::run_layer(layer, machine);
  ASSERT_EQ(result.layers.size(), 1U);
  int taken = 0;
  for (const EnergyLine& line : result.layers[0].energy.lines()) {
    if (line.item != "zero point subtraction") continue;
    ++taken;
    EXPECT_EQ(line.component, "mac");
    EXPECT_EQ(line.count, 256);
    EXPECT_DOUBLE_EQ(line.each.value,
                     Technology::load(machine.technology).row("add_psum").pj * machine.word_bits() / 32);
  }
  EXPECT_EQ(taken, 1);
}

INSTANTIATE_TEST_SUITE_P(Energy, ZeroPoint, ::testing::Values("eyeriss", "sparten", "tpu-like"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

// A zero point of 0 costs nothing.
TEST(ZeroPointOfNothing, IsFree) {
  Layer layer = testing::layer_of_ones();
  layer.ifmap.codes = Codes{.dtype = Dtype::uint8, .zero_points = {0}};
  const Result result = testing::run_layer(layer, load_accelerator("eyeriss"));
  EXPECT_TRUE(std::ranges::none_of(result.layers.at(0).energy.lines(), [](const EnergyLine& line) {
    return line.item == "zero point subtraction";
  }));
}

}  // namespace
}  // namespace basil
