// Events of an array, from what its passes did.
#include "pe/activity.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

TEST(Activity, AProductReadsAFilterWordAndReadsAndWritesAPsum) {
  Activity activity;
  activity.psum_spad_reads = 5;  // of psums that come in
  add_products({.all = 10, .gated = 3, .gated_leaving = 2}, activity);
  EXPECT_EQ(activity.products, 10 - 3);
  EXPECT_EQ(activity.gated, 3);
  EXPECT_EQ(activity.filter_spad_reads, 7);
  EXPECT_EQ(activity.psum_spad_reads, 5 + 7 + 2);
  EXPECT_EQ(activity.psum_spad_writes, 7);
}

// 16-bit words, 32-bit psums, a fold of 3 x 2 weights that 4 pixels pass.
TEST(Activity, AFoldWritesItsRegisters) {
  const GemmPass fold{.pixels = {0, 4}, .reduction = {0, 3}, .filters = {0, 2}};
  const std::int64_t products = 4 * 3 * 2;
  // The activation and the psum each time; a weight passes 1, 2 or 3 registers on its way to its row.
  EXPECT_EQ(systolic_register_bits({16, 32, false}, fold, products),
            products * (16 + 32) + (1 + 2 + 3) * 2 * 16);
  // Sums stay: activation, weight and sum each time.
  EXPECT_EQ(systolic_register_bits({16, 32, true}, fold, products), products * (16 + 16 + 32));
}

}  // namespace
}  // namespace basil
