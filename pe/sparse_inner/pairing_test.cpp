#include "pe/sparse_inner/pairing.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

using Units = std::vector<Collocated>;

Units greedy_of(const std::vector<std::int64_t>& nonzeros, int units) { return greedy(nonzeros, units); }

TEST(SparseInnerPairing, TheDensestGoesWithTheSparsest) {
  EXPECT_EQ(greedy_of({4, 6, 1, 3}, 2), (Units{{1, 2}, {0, 3}}));
}

TEST(SparseInnerPairing, EqualsGoByTheirPlace) {
  EXPECT_EQ(greedy_of({5, 5, 5, 5}, 2), (Units{{0, 3}, {1, 2}}));
  const Units many = greedy_of(std::vector<std::int64_t>(64, 9), 32);
  for (int unit = 0; unit < 32; ++unit) {
    EXPECT_EQ(many[static_cast<std::size_t>(unit)], (Collocated{unit, 63 - unit}));
  }
}

TEST(SparseInnerPairing, FiltersStayAloneWhileThereAreUnits) {
  EXPECT_EQ(greedy_of({1, 9, 5}, 4), (Units{{1, -1}, {2, -1}, {0, -1}}));
}

TEST(SparseInnerPairing, TheDensestStaysAloneLongest) {
  EXPECT_EQ(greedy_of({1, 9, 5, 3}, 3), (Units{{1, -1}, {2, -1}, {3, 0}}));
  EXPECT_EQ(greedy_of({1, 9, 5, 3, 2}, 3), (Units{{1, -1}, {2, 0}, {3, 4}}));
}

TEST(SparseInnerPairing, AloneIsInOrder) { EXPECT_EQ(alone(2), (Units{{0, -1}, {1, -1}})); }

}  // namespace
}  // namespace basil
