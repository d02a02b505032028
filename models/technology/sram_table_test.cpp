#include "models/technology/sram_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>

#include "core/error.h"

namespace basil {
namespace {

SramPoint point(int bytes, int width_bits, double pj) {
  return {.bytes = bytes,
          .width_bits = width_bits,
          .cost = {.read_pj = pj,
                   .write_pj = 2 * pj,
                   .leakage_mw = 0.001 * bytes,
                   .area_mm2 = 1e-5 * bytes,
                   .tag = Tag::measured}};
}

SramTable table() {
  return SramTable({point(4096, 16, 4), point(1024, 16, 2), point(16384, 16, 6), point(1024, 64, 4),
                    point(4096, 64, 8), point(16384, 64, 20)});
}

TEST(SramTable, ATabulatedPointKeepsItsFiguresAndItsTag) {
  const SramCost cost = table().at(Bytes(4096), 64);
  EXPECT_EQ(cost.read_pj, 8);
  EXPECT_EQ(cost.write_pj, 16);
  EXPECT_EQ(cost.tag, Tag::measured);
}

TEST(SramTable, BetweenTwoSizesLogarithmsAreInterpolated) {
  const SramCost cost = table().at(Bytes(2048), 64);  // the geometric middle of 1024 and 4096
  EXPECT_DOUBLE_EQ(cost.read_pj, std::sqrt(4.0 * 8.0));
  EXPECT_DOUBLE_EQ(cost.leakage_mw, 0.001 * 2048);
  EXPECT_EQ(cost.tag, Tag::derived);
}

TEST(SramTable, BelowTheSmallestItCostsWhatTheSmallestDoes) {
  const SramCost cost = table().at(Bytes(256), 16);
  EXPECT_EQ(cost.read_pj, 2);
  EXPECT_EQ(cost.write_pj, 4);
  EXPECT_DOUBLE_EQ(cost.leakage_mw, 0.001 * 1024);
  EXPECT_DOUBLE_EQ(cost.area_mm2, 1e-5 * 1024);
  EXPECT_EQ(cost.tag, Tag::derived);
}

TEST(SramTable, BeyondTheLargestEnergyFollowsTheLastTwoPoints) {
  const SramCost cost = table().at(Bytes(65536), 64);  // 4096 -> 16384: x 2.5 for x 4
  EXPECT_DOUBLE_EQ(cost.read_pj, 20 * 2.5);
  EXPECT_DOUBLE_EQ(cost.leakage_mw, 0.001 * 65536);
  EXPECT_EQ(cost.tag, Tag::derived);
}

TEST(SramTable, BetweenTwoWidthsLogarithmsAreInterpolated) {
  const SramCost half = table().at(Bytes(4096), 32);  // the geometric middle of 16 and 64
  EXPECT_DOUBLE_EQ(half.read_pj, std::sqrt(4.0 * 8.0));
  EXPECT_DOUBLE_EQ(half.leakage_mw, 0.001 * 4096);
  EXPECT_EQ(half.tag, Tag::derived);
  EXPECT_EQ(table().at(Bytes(4096), 8).read_pj, 4);  // as 16 bits
}

// 256 bits of 16 KB are four macros of 64 bits and 4 KB; of 4 KB, four of 1 KB, the smallest.
TEST(SramTable, AWiderWordIsSpreadOverMacros) {
  EXPECT_DOUBLE_EQ(table().at(Bytes(16384), 256).read_pj, 4 * 8);
  EXPECT_DOUBLE_EQ(table().at(Bytes(4096), 256).read_pj, 4 * 4);
  EXPECT_DOUBLE_EQ(table().at(Bytes(4096), 256).area_mm2, 4 * 1e-5 * 1024);
  EXPECT_DOUBLE_EQ(table().at(Bytes(1024), 256).area_mm2, 4 * 1e-5 * 1024);
}

// The 3 pJ of 2048 B x 16 stand above the 2 of 4096 B, and above all of 64 bits but the largest.
TEST(SramTable, AFigureThatFallsIsRaisedAndListed) {
  const SramTable falling({point(1024, 16, 1), point(2048, 16, 3), point(4096, 16, 2), point(1024, 64, 2),
                           point(2048, 64, 2.5), point(4096, 64, 5)});
  EXPECT_EQ(falling.at(Bytes(4096), 16).read_pj, 3);
  EXPECT_EQ(falling.at(Bytes(2048), 64).read_pj, 3);
  EXPECT_EQ(falling.at(Bytes(4096), 64).read_pj, 5);
  EXPECT_EQ(falling.at(Bytes(4096), 16).tag, Tag::derived);
  EXPECT_EQ(falling.at(Bytes(2048), 16).tag, Tag::measured);
  ASSERT_EQ(falling.raised().size(), 2U);
  EXPECT_EQ(falling.raised()[0].raw.bytes, 4096);
  EXPECT_EQ(falling.raised()[0].raw.cost.read_pj, 2);
  EXPECT_EQ(falling.raised()[0].used.read_pj, 3);
  EXPECT_EQ(falling.raised()[1].raw.width_bits, 64);
  EXPECT_EQ(falling.raised()[1].raw.cost.read_pj, 2.5);
}

RC_GTEST_PROP(SramTable, EnergyLiesBetweenTheNeighbours, ()) {
  const int bytes = *rc::gen::inRange(1024, 16385);
  const SramCost cost = table().at(Bytes(bytes), 64);
  RC_ASSERT(cost.read_pj >= (bytes <= 4096 ? 4 : 8) - 1e-9);
  RC_ASSERT(cost.read_pj <= (bytes <= 4096 ? 8 : 20) + 1e-9);
}

TEST(SramTable, LeavingAPointOutTellsHowFarInterpolationIsOff) {
  // The inner points, 4096 B: their neighbours' lines give sqrt(2 x 6) for 4 pJ and sqrt(4 x 20) for 8, and
  // their leakage exactly.
  const InterpolationError error = table().leave_one_out();
  EXPECT_EQ(error.points, 2U);
  EXPECT_DOUBLE_EQ(error.read.max, 1 - std::sqrt(2.0 * 6.0) / 4);
  EXPECT_DOUBLE_EQ(error.read.mean, (error.read.max + std::sqrt(4.0 * 20.0) / 8 - 1) / 2);
  EXPECT_DOUBLE_EQ(error.write.max, error.read.max);  // writes are twice the reads
  EXPECT_NEAR(error.leakage.max, 0, 1e-12);
  EXPECT_NEAR(error.area.mean, 0, 1e-12);
}

TEST(SramTable, TheMeanIsOverTheInnerPointsOfAllWidths) {
  const SramTable sizes({point(1, 8, 1), point(2, 8, 2), point(4, 8, 4), point(8, 8, 16), point(16, 8, 16)});
  // 2 exactly; sqrt(2 x 16) for 4; sqrt(4 x 16) for 16.
  const InterpolationError error = sizes.leave_one_out();
  EXPECT_EQ(error.points, 3U);
  EXPECT_DOUBLE_EQ(error.read.max, 0.5);
  EXPECT_NEAR(error.read.mean, (0 + (std::sqrt(32.0) / 4 - 1) + 0.5) / 3, 1e-12);
}

TEST(SramTable, ImpossibleMemoriesAndTablesAreRefused) {
  EXPECT_THROW((void)table().at(Bytes(0), 16), Error);
  EXPECT_THROW((void)table().at(Bytes(1024), 0), Error);
  EXPECT_THROW(SramTable({}), Error);
  EXPECT_THROW(SramTable({point(1024, 16, 1)}), Error);                      // one size only
  EXPECT_THROW(SramTable({point(1024, 16, 1), point(1024, 16, 2)}), Error);  // twice
  EXPECT_THROW(SramTable({point(1024, 16, 0), point(2048, 16, 2)}), Error);  // no energy
  EXPECT_THROW(SramTable({point(1024, 16, 1), point(2048, 16, 2), point(1024, 64, 1), point(4096, 64, 2)}),
               Error);
}

}  // namespace
}  // namespace basil
