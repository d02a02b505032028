// What every unit owes: the sums of the golden executor, bins that close, and a twin that agrees.
#include <gtest/gtest.h>

#include "core/testing/property_check.h"
#include "pe/unit.h"
#include "traces/testing/random_layers.h"

namespace basil {

extern const UnitType serial_unit;

namespace {

TEST(SerialUnit, TwinsAgreeWithEachOtherAndWithGolden) {
  check_property(1000, [] {
    const Layer layer = testing::draw_layer(false);
    const LayerShape& s = layer.shape;
    const UnitParameters parameters{.dtype = Dtype::int16, .rows = *anywhere_in(1, 10)};
    serial_unit.check(layer, parameters);
    Ofmap sums{.N = s.N, .P = s.P(), .Q = s.Q(), .K = s.K, .sums = {}, .reals = {}};
    sums.sums.resize(static_cast<std::size_t>(std::int64_t{s.N} * s.P() * s.Q() * s.K));
    Ofmap clocked_sums = sums;
    const auto fast = serial_unit.array->make(layer, parameters);
    const int split = *anywhere_in(0, s.P());
    for (int group = 0; group < s.groups; ++group) {
      const Range filters{group * s.filters_per_group(), (group + 1) * s.filters_per_group()};
      for (const Range rows : {Range{0, split}, Range{split, s.P()}}) {
        if (rows.size() == 0) continue;
        const TilePass pass{group, {0, s.N}, filters, rows};
        const TileWork work = fast->run(pass, sums);
        work.bins.close(parameters.rows, work.cycles, "serial");
        const auto clocked = serial_unit.array->clocked(layer, parameters, pass);
        while (!clocked->done()) clocked->step();
        RC_ASSERT(clocked->work() == work);
        clocked->hand_over(clocked_sums);
      }
    }
    RC_ASSERT(sums.sums == run_golden(layer).sums);
    RC_ASSERT(clocked_sums.sums == sums.sums);
  });
}

}  // namespace
}  // namespace basil
