// Layers cut at their filters: the parts' sums are the layer's.
#include "traces/pieces/filter_range.h"

#include <gtest/gtest.h>

#include "core/testing/property_check.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

TEST(FilterRange, SumsOfThePartsAreThoseOfTheLayer) {
  check_property(1000, [] {
    const bool real = *anywhere_in(0, 8) == 0;
    const Layer layer =
        real ? testing::draw_layer(true) : testing::draw_layer_in(testing::draw_any_encoding());
    const int unit = layer.shape.groups > 1 ? layer.shape.filters_per_group() : 1;
    const int cut = *anywhere_in(0, layer.shape.K / unit + 1) * unit;
    const Ofmap whole = run_golden(layer);
    for (const auto& [first, end] : {std::pair{0, cut}, {cut, layer.shape.K}}) {
      if (first == end) continue;
      const Layer part = with_filters(layer, first, end);
      check(part);
      const Ofmap sums = run_golden(part);
      for (int p = 0; p < whole.P; ++p) {
        for (int q = 0; q < whole.Q; ++q) {
          for (int k = first; k < end; ++k) {
            if (real) {
              RC_ASSERT(sums.reals[sums.at(0, p, q, k - first)] == whole.reals[whole.at(0, p, q, k)]);
            } else {
              RC_ASSERT(sums.sums[sums.at(0, p, q, k - first)] == whole.sums[whole.at(0, p, q, k)]);
            }
          }
        }
      }
      if (layer.weights.scales.size() > 1) RC_ASSERT(part.weights.scale(0) == layer.weights.scale(first));
    }
  });
}

}  // namespace
}  // namespace basil
