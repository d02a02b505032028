// What the array is made of.
#include "pe/basis_first/events.h"

#include <gtest/gtest.h>

#include "pe/tile_checks.h"

namespace basil::basis_first {
namespace {

const UnitType& unit() { return unit_type("basis_first", "test"); }

UnitParameters usual() { return testing::usual_parameters(unit(), 1); }

TEST(BasisFirstParts, HasNearlyAThousandMultipliers) {
  UnitParameters parameters = usual();
  parameters.rows = 32;
  EXPECT_EQ(parameters.rows * unit().array->columns(parameters), 960);
  EXPECT_EQ(unit().array->parts(parameters)[products].name, "mac_int16");
  parameters.dtype = Dtype::int8;
  EXPECT_EQ(unit().array->parts(parameters)[products].name, "mac_int8");
  EXPECT_EQ(unit().array->parts(parameters)[ternary_adds].name, "ternary_int8");
  EXPECT_EQ(unit().array->parts(parameters)[ternary_adds].instances, 32 * 6 * 16);
}

// escalate's sizes: a lane chooses among the head row's place and, in two rows ahead, its own and five on
// each side.
TEST(BasisFirstParts, StatesWhatTheWindowAndTheScatterTake) {
  UnitParameters parameters = usual();
  parameters.rows = 32;
  parameters.dtype = Dtype::int8;
  parameters.own["look_aside"] = 5;
  const std::vector<Part> parts = unit().array->parts(parameters);
  EXPECT_EQ(parts[lane_choices].name, "crossbar_16b");
  EXPECT_EQ(parts[lane_choices].instances, 32 * 6 * 16);
  EXPECT_EQ(parts[lane_choices].weight, 23 / 32.0 * 8 / 16);
  // Five multipliers on a ring: four neighbours at most; activation and weight.
  EXPECT_EQ(parts[product_choices].weight, (1 + 2 * (1 + 4)) / 32.0 * 16 / 16);
  EXPECT_EQ(parts[window_registers].instances, 32 * 6 * 16 * 3 / 2);  // 3 rows of 8-bit activations
}

// Banks of one port each, a window's row in each in turn; a slice's pixels come while others leave.
TEST(BasisFirstParts, HasBanksForTheRowsOfAWindow) {
  UnitParameters parameters = usual();
  parameters.rows = 32;
  parameters.dtype = Dtype::int8;
  const std::vector<Part> parts = unit().array->parts(parameters);
  EXPECT_EQ(parts[coefficient_store].instances, 32 * 6 * 3);
  EXPECT_EQ(parts[coefficient_store].words, 43);  // 2048 in rows of 16, over 3 banks
  EXPECT_EQ(parts[coefficient_store].bits, 16 * 2);
  EXPECT_EQ(parts[coefficient_store].ports, 1);
  EXPECT_EQ(parts[row_store].instances, 32 * 3);
  EXPECT_EQ(parts[row_store].words, 342);         // 16384 likewise
  EXPECT_EQ(parts[row_store].bits, 16 * 8 + 16);  // with their map
  EXPECT_EQ(parts[row_store].ports, 1);
  EXPECT_EQ(parts[pixel_store].instances, 32 * 6 * 3);
  EXPECT_EQ(parts[pixel_store].words, 22);  // 1024 likewise
  EXPECT_EQ(parts[pixel_store].bits, 16 * 8 + 16);
  EXPECT_EQ(parts[pixel_store].ports, 2);
  EXPECT_EQ(parts[psum_store].instances, 32 * 6 * 8);
  EXPECT_EQ(parts[psum_store].words, 1024 / 8);
  EXPECT_EQ(parts[psum_crossbar].weight, 8 / 32.0 * 2);
  EXPECT_EQ(parts[psum_adds].instances, 960 + 32 * 5 * 8);  // and the tree
  parameters.delivery = {.weights = true, .ifmap = true};
  EXPECT_EQ(unit().array->parts(parameters)[row_store].instances, 2 * 32 * 3);
  EXPECT_EQ(unit().array->parts(parameters)[coefficient_store].instances, 2 * 32 * 6 * 3);
}

}  // namespace
}  // namespace basil::basis_first
