#include "pe/planar/planar_grid.h"

#include <gtest/gtest.h>

#include <set>

namespace basil {
namespace {

TEST(PlanarGrid, CutsAPlaneIntoTilesOfThePes) {
  const PlanarGrid grid = fit_plane(28, 30, 8, 8);
  EXPECT_EQ(grid.tile_rows, 4);
  EXPECT_EQ(grid.tile_cols, 4);
  EXPECT_EQ(grid.tiles(), 7 * 8);  // the last row of PEs has none
  EXPECT_EQ(grid.sets(), 1);
  EXPECT_EQ(tile_range({2, 32}, grid.tile_cols, 7), (Range{30, 32}));
}

TEST(PlanarGrid, SharesTheFiltersOfSmallPlanes) {
  EXPECT_EQ(fit_plane(7, 7, 8, 8).sets(), 1);
  EXPECT_EQ(fit_plane(4, 4, 8, 8).sets(), 4);
  EXPECT_EQ(fit_plane(1, 16, 8, 8).sets(), 8);
  EXPECT_EQ(fit_plane(1, 1, 8, 8).sets(), 64);
  EXPECT_EQ(fit_plane(0, 5, 8, 8).tiles(), 0);
}

TEST(PlanarGrid, GivesEachTileOfEachSetItsPe) {
  const PlanarGrid grid = fit_plane(2, 3, 4, 7);
  ASSERT_EQ(grid.sets(), 2 * 2);
  std::set<int> pes;
  for (int set = 0; set < grid.sets(); ++set) {
    for (int tile = 0; tile < grid.tiles(); ++tile) pes.insert(grid.pe(set, tile));
  }
  EXPECT_EQ(pes.size(), 4U * 6U);
  EXPECT_EQ(*pes.rbegin(), 3 * 7 + 5);  // the last column of PEs has no room for a set
}

TEST(PlanarGrid, SharesFiltersEvenly) {
  EXPECT_EQ(share_of({10, 17}, 3, 0), (Range{10, 12}));
  EXPECT_EQ(share_of({10, 17}, 3, 1), (Range{12, 14}));
  EXPECT_EQ(share_of({10, 17}, 3, 2), (Range{14, 17}));
  EXPECT_EQ(share_of({0, 2}, 4, 0).size(), 0);
}

}  // namespace
}  // namespace basil
