// The tiles of random layers cover every ofmap word once and fit the buffer.
#include "dataflows/tiles/tiles.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <tuple>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

TEST(Tiles, CoverEveryOfmapWordOnce) {
  check_property(300, [] {
    const LayerShape shape = testing::draw_layer(false).shape;
    const TileLimits limits{.pes = 7,
                            .filters = *anywhere_in(1, 9),
                            .fmap_buffer = Bytes(*anywhere_in(400, 6000)),
                            .kept_a_row = *anywhere_in(0, 30)};
    std::unique_ptr<Schedule> schedule;
    try {
      schedule = tile_schedule(shape, limits, "test");
    } catch (const Error&) { RC_DISCARD("one row does not fit"); }
    std::map<std::tuple<int, int, int>, int> seen;  // n, k, p
    std::int64_t steps = 0;
    while (const auto step = schedule->next()) {
      RC_ASSERT(step->id == steps++);
      const auto& pass = *step->pass.as<TilePass>();
      RC_ASSERT(pass.filters.size() <= limits.filters);
      RC_ASSERT(pass.filters.first / shape.filters_per_group() == pass.group);
      RC_ASSERT((pass.filters.end - 1) / shape.filters_per_group() == pass.group);
      const std::int64_t tile = std::int64_t{step->ifmap.n.size()} * step->ifmap.channels.size() *
                                step->ifmap.rows.size() * shape.W;
      RC_ASSERT(tile <= limits.fmap_buffer.value);
      for (int n = pass.n.first; n < pass.n.end; ++n) {
        for (int k = pass.filters.first; k < pass.filters.end; ++k) {
          for (int p = pass.rows.first; p < pass.rows.end; ++p) ++seen[{n, k, p}];
        }
      }
    }
    RC_ASSERT(steps == schedule->size());
    RC_ASSERT(seen.size() ==
              static_cast<std::size_t>(shape.N) * static_cast<std::size_t>(shape.K * shape.P()));
    for (const auto& [place, times] : seen) RC_ASSERT(times == 1);
  });
}

TEST(Tiles, LoadTheirIfmapOnceAndSayWhenARowDoesNotFit) {
  const LayerShape shape{.C = 4, .H = 10, .W = 10, .K = 6, .R = 3, .S = 3, .pad_top = 1, .pad_bottom = 1};
  const auto schedule = tile_schedule(shape, {.filters = 4, .fmap_buffer = Bytes(200)}, "layer L on M");
  int loads = 0;
  while (const auto step = schedule->next()) loads += step->load_ifmap ? 1 : 0;
  EXPECT_EQ(schedule->size(),
            4 * 2);  // 200 bytes hold 5 ifmap rows, so 3 ofmap rows: 4 tiles; 2 filter chunks
  EXPECT_EQ(loads, 4);
  try {
    (void)tile_schedule(shape, {.filters = 4, .fmap_buffer = Bytes(100)}, "layer L on M");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "layer L on M: buffers.fmaps.bytes: 100, expected at least 120: what one ofmap row needs");
  }
}

}  // namespace
}  // namespace basil
