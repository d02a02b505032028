// What the multiply-accumulate unit counts beside its values.
#include "pe/mac/mac_values.h"

#include <gtest/gtest.h>

#include "pe/activity.h"
#include "pe/tile_checks.h"

namespace basil {
namespace {

// A row of 5 words under one filter of 3 taps: three windows, of words 0-2, 1-3 and 2-4.
Layer row_of(const std::vector<int>& words) {
  return testing::layer_of(
      &conv_kind, {.W = 5, .S = 3}, [&](int i) { return words[static_cast<std::size_t>(i)]; },
      [](int i) { return i + 1; });
}

Activity counted(const Layer& layer, bool gating, bool first) {
  MacValues<std::int16_t> unit(layer, {.zero_gating = gating});
  Ofmap sums = testing::untouched_ofmap(layer.shape);
  const RowPass pass{.n = {0, 1},
                     .filters = {0, 1},
                     .channels = {0, 1},
                     .taps_y = {0, 1},
                     .taps_x = {0, 3},
                     .rows = {0, 1},
                     .first = first};
  Activity activity;
  add_products(unit.accumulate(pass, sums), activity);
  return activity;
}

// 7 0 0 5 3: windows 7 0 0, 0 0 5 and 0 5 3 gate 2 + 2 + 1 of 9 slots; the first one's sum leaves with a
// gated slot, and is read for that.
TEST(MacValues, ASumThatLeavesWithAGatedSlotIsRead) {
  const Activity activity = counted(row_of({7, 0, 0, 5, 3}), true, true);
  EXPECT_EQ(activity.gated, 2 + 2 + 1);
  EXPECT_EQ(activity.products, 9 - 5);
  EXPECT_EQ(activity.filter_spad_reads, 9 - 5);
  EXPECT_EQ(activity.psum_spad_reads, 9 - 5 + 1);
  EXPECT_EQ(activity.psum_spad_writes, 9 - 5);
}

// Where psums come back, the sum leaves with the one it takes in.
TEST(MacValues, ASumThatTakesInAPsumLeavesWithIt) {
  EXPECT_EQ(counted(row_of({7, 0, 0, 5, 3}), true, false).psum_spad_reads, 9 - 5);
}

TEST(MacValues, WithoutGatingEverySlotMultiplies) {
  const Activity activity = counted(row_of({7, 0, 0, 5, 3}), false, true);
  EXPECT_EQ(activity.gated, 0);
  EXPECT_EQ(activity.products, 9);
  EXPECT_EQ(activity.psum_spad_reads, 9);
}

}  // namespace
}  // namespace basil
