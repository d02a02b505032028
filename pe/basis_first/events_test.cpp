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
  EXPECT_EQ(parts[row_store].instances, 32 * 3);
  EXPECT_EQ(parts[row_store].words, 342);  // 16384 in rows of 16, over 3 banks
  EXPECT_EQ(parts[row_store].bits, 16 * 8);
  EXPECT_EQ(parts[row_store].ports, 6);
  EXPECT_EQ(parts[map_store].bits, 16);
  EXPECT_EQ(parts[psum_store].instances, 32 * 6 * 8);
  EXPECT_EQ(parts[psum_store].words, 1024 / 8);
  EXPECT_EQ(parts[psum_crossbar].weight, 8 / 32.0 * 2);
  EXPECT_EQ(parts[psum_adds].instances, 960 + 32 * 5 * 8);  // and the tree
  parameters.delivery.ifmap = true;
  EXPECT_EQ(unit().array->parts(parameters)[row_store].words, 2 * 342);
}

}  // namespace
}  // namespace basil::basis_first
