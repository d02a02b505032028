#include <gtest/gtest.h>

#include "core/property_check.h"
#include "pe/tile.h"
#include "pe/unit.h"
#include "traces/random_layers.h"

namespace basil {
namespace {

const UnitType& unit() { return unit_type("dot", "test"); }

UnitParameters usual_parameters(int rows) {
  UnitParameters parameters{.rows = rows};
  for (const UnitKey& key : unit().keys) parameters.own.emplace(key.name, key.usual);
  return parameters;
}

UnitParameters draw_parameters() {
  const int tile_cols = *anywhere_in(1, 5);
  UnitParameters parameters = usual_parameters(tile_cols * *anywhere_in(1, 5));
  parameters.own["tile_cols"] = tile_cols;
  parameters.own["width"] = *anywhere_in(1, 20);
  parameters.own["psum_words"] = *rc::gen::element(1, 3, 16, 1024);
  parameters.zero_gating = *rc::gen::arbitrary<bool>();
  return parameters;
}

// Passes that cover the layer, cut anywhere, but for what they share.
std::vector<TilePass> draw_passes(const LayerShape& shape) {
  const int images = *anywhere_in(1, shape.N + 1), rows = *anywhere_in(1, shape.P() + 1);
  const int filters = *anywhere_in(1, shape.filters_per_group() + 1);
  const auto cut = [](int first, int end, int step) {
    std::vector<Range> ranges;
    for (; first < end; first += step) ranges.push_back({first, std::min(end, first + step)});
    return ranges;
  };
  std::vector<TilePass> passes;
  for (int group = 0; group < shape.groups; ++group) {
    const int first = group * shape.filters_per_group();
    for (const Range& n : cut(0, shape.N, images)) {
      for (const Range& p : cut(0, shape.P(), rows)) {
        for (const Range& k : cut(first, first + shape.filters_per_group(), filters)) {
          passes.push_back({group, n, k, p});
        }
      }
    }
  }
  return passes;
}

Ofmap empty_ofmap(const LayerShape& shape) {
  Ofmap sums{.N = shape.N, .P = shape.P(), .Q = shape.Q(), .K = shape.K, .sums = {}, .reals = {}};
  sums.sums.assign(static_cast<std::size_t>(shape.N * shape.P() * shape.Q() * shape.K), -77);
  return sums;
}

TileWork run_clocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass,
                     Ofmap& sums) {
  const auto twin = unit().array->clocked(layer, parameters, pass);
  std::int64_t cycles = 0;
  while (!twin->done() && cycles < 10'000'000) {
    twin->step();
    ++cycles;
  }
  const TileWork work = twin->work();
  EXPECT_EQ(work.cycles.value, cycles);
  twin->hand_over(sums);
  return work;
}

TEST(Dot, EndsInTheCycleOfItsClockedTwinWithTheGoldenSums) {
  check_property(2000, [] {
    const Layer layer = testing::draw_layer(false);
    const UnitParameters parameters = draw_parameters();
    const auto fast = unit().array->make(layer, parameters);
    Ofmap sums = empty_ofmap(layer.shape), twin_sums = sums;
    for (const TilePass& pass : draw_passes(layer.shape)) {
      const TileWork work = fast->run(pass, sums);
      const TileWork twin_work = run_clocked(layer, parameters, pass, twin_sums);
      const int columns = unit().array->columns(parameters);
      work.bins.close(std::int64_t{parameters.rows} * columns, work.cycles, "pass");
      RC_ASSERT(work.cycles.value == twin_work.cycles.value);
      RC_ASSERT(work == twin_work);
      RC_ASSERT(work.uses.size() == unit().array->parts(parameters).size());
    }
    const Ofmap golden = run_golden(layer);
    RC_ASSERT(sums.sums == golden.sums);
    RC_ASSERT(twin_sums.sums == golden.sums);
  });
}

}  // namespace
}  // namespace basil
