// The comparator array: fast unit against clocked twin against golden, and cycles explained by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "core/property_check.h"
#include "pe/comparator/parts.h"
#include "pe/unit.h"
#include "traces/golden.h"
#include "traces/random_layers.h"

namespace basil {
namespace {

const UnitType& unit() { return unit_type("comparator", "test"); }

UnitParameters usual_parameters(int rows) {
  UnitParameters parameters{.dtype = Dtype::int8, .rows = rows};
  for (const UnitKey& key : unit().keys) parameters.own.emplace(key.name, key.usual);
  return parameters;
}

UnitParameters draw_parameters() {
  UnitParameters parameters = usual_parameters(*anywhere_in(1, 7));
  parameters.dtype = Dtype::int16;
  const auto set = [&](const char* key, int value) { parameters.own.find(key)->second = value; };
  set("compare_lanes", *anywhere_in(1, 20));
  set("add_lanes", *anywhere_in(1, 12));
  set("queue", *anywhere_in(1, 6));
  set("skip_zero", *anywhere_in(0, 2));
  set("channels", *rc::gen::element(20, 512));
  set("weight_words", *rc::gen::element(1, 10, 40, 2048));
  return parameters;
}

// Codes -7 to 7 with a share of zeros.
std::vector<std::int16_t> draw_codes(std::int64_t count) {
  auto codes = testing::draw_values(Dtype::int4, count, *rc::gen::element(0, 30, 80, 100));
  std::replace(codes.begin(), codes.end(), std::int16_t{-8}, std::int16_t{-7});
  return codes;
}

Operand empty_weights(Encoding encoding, const Extent& extent) {
  Operand weights;
  weights.encoding = encoding;
  weights.dtype = Dtype::int4;
  weights.extent = extent;
  return weights;
}

void make_power_of_two(Operand& weights) {
  const std::int64_t plane = weights.extent.positions() / weights.extent.outer;
  weights = empty_weights(Encoding::power_of_two, weights.extent);
  const int most = *anywhere_in(0, 3);
  std::int64_t planes = 0;
  for (int k = 0; k < weights.extent.outer; ++k) {
    weights.terms.push_back(static_cast<std::uint8_t>(*anywhere_in(0, most + 1)));
    planes += weights.terms.back();
  }
  weights.values = draw_codes(planes * plane);
}

void make_comparator(Operand& weights) {
  const Extent extent = weights.extent;
  const int places = extent.rows * extent.cols;
  weights = empty_weights(Encoding::comparator, extent);
  weights.taps = *anywhere_in(1, std::min(7, places - 1) + 1);
  for (int i = 0; i < extent.depth * (weights.taps + 1); ++i)
    weights.offsets.push_back(static_cast<std::uint8_t>(*anywhere_in(0, places)));
  weights.values = draw_codes(std::int64_t{extent.outer} * extent.depth);
}

Layer draw_comparator_layer() {
  Layer layer = testing::draw_layer(false);
  const bool compares =
      layer.kind == Kind::conv && layer.shape.groups == 1 && layer.shape.R * layer.shape.S > 1;
  if (compares && *anywhere_in(0, 8) > 0) {
    make_comparator(layer.weights);
  } else {
    make_power_of_two(layer.weights);
  }
  if (*anywhere_in(0, 3) == 0) {  // whole ifmap rows of zeros, or of one value
    const auto value = static_cast<std::int16_t>(*anywhere_in(0, 2));
    auto dense = decode(layer.ifmap);
    const auto row = static_cast<std::ptrdiff_t>(layer.shape.W) * layer.shape.C;
    for (auto at = dense.begin(); at != dense.end(); at += row) {
      if (*anywhere_in(0, 2) == 0) std::fill(at, at + row, value);
    }
    layer.ifmap = encode(layer.ifmap.encoding, layer.ifmap.dtype, layer.ifmap.extent, dense, {0.25F});
  }
  check(layer);
  return layer;
}

std::vector<Range> draw_cuts(int end) {
  const int step = *anywhere_in(1, end + 1);
  std::vector<Range> cuts;
  for (int first = 0; first < end; first += step) cuts.push_back({first, std::min(first + step, end)});
  return cuts;
}

// Passes that tile the layer.
std::vector<TilePass> draw_passes(const Layer& layer) {
  const LayerShape& s = layer.shape;
  const auto n_cuts = draw_cuts(s.N), row_cuts = draw_cuts(s.P()),
             filter_cuts = draw_cuts(s.filters_per_group());
  std::vector<TilePass> passes;
  for (int group = 0; group < s.groups; ++group) {
    const int k = group * s.filters_per_group();
    for (const Range n : n_cuts) {
      for (const Range rows : row_cuts) {
        for (const Range filters : filter_cuts)
          passes.push_back({group, n, {k + filters.first, k + filters.end}, rows});
      }
    }
  }
  return passes;
}

// No sum of a layer is this, so that a hole shows.
constexpr std::int64_t untouched = -0x5555555555555555;

Ofmap empty_ofmap(const LayerShape& s) {
  Ofmap ofmap{.N = s.N, .P = s.P(), .Q = s.Q(), .K = s.K, .sums = {}, .reals = {}};
  ofmap.sums.assign(static_cast<std::size_t>(std::int64_t{s.N} * s.P() * s.Q() * s.K), untouched);
  return ofmap;
}

std::unique_ptr<ClockedTile> run_clocked(const Layer& layer, const UnitParameters& parameters,
                                         const TilePass& pass) {
  auto clocked = unit().array->clocked(layer, parameters, pass);
  while (!clocked->done()) clocked->step();
  return clocked;
}

void expect_same_work(const TileWork& fast, const TileWork& clocked) {
  RC_ASSERT(fast.cycles.value == clocked.cycles.value);
  for (std::size_t bin = 0; bin < bin_count; ++bin)
    RC_ASSERT(fast.bins[static_cast<Bin>(bin)] == clocked.bins[static_cast<Bin>(bin)]);
  RC_ASSERT(fast.products == clocked.products);
  RC_ASSERT(fast.uses.size() == clocked.uses.size());
  for (std::size_t i = 0; i < fast.uses.size(); ++i) {
    RC_ASSERT(fast.uses[i].count == clocked.uses[i].count);
    RC_ASSERT(fast.uses[i].writes == clocked.uses[i].writes);
  }
  RC_ASSERT(fast.weights.value == clocked.weights.value);
  RC_ASSERT(fast.ifmap.value == clocked.ifmap.value);
  RC_ASSERT(fast == clocked);
}

TEST(Comparator, TwinsAgreeWithEachOtherAndWithGolden) {
  check_property(2000, [] {
    const Layer layer = draw_comparator_layer();
    const UnitParameters parameters = draw_parameters();
    unit().check(layer, parameters);
    const auto fast = unit().array->make(layer, parameters);
    Ofmap sums = empty_ofmap(layer.shape), clocked_sums = sums;
    const int pes = parameters.rows * unit().array->columns(parameters);
    for (const TilePass& pass : draw_passes(layer)) {
      const TileWork work = fast->run(pass, sums);
      work.bins.close(pes, work.cycles, "comparator");
      RC_ASSERT(work.products == work.bins[Bin::compute]);
      RC_ASSERT(work.uses.size() == unit().array->parts(parameters).size());
      const auto clocked = run_clocked(layer, parameters, pass);
      expect_same_work(work, clocked->work());
      clocked->hand_over(clocked_sums);
    }
    const Ofmap golden = run_golden(layer);
    RC_ASSERT(sums.sums == golden.sums);
    RC_ASSERT(clocked_sums.sums == golden.sums);
  });
}

}  // namespace
}  // namespace basil
