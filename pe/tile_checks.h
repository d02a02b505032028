// For tests: a unit with an array of its own, its clocked twin and the golden executor held against each
// other.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "pe/tile.h"
#include "pe/unit.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"

namespace basil::testing {

inline UnitParameters usual_parameters(const UnitType& unit, int rows) {
  UnitParameters parameters{.rows = rows};
  for (const IntegerKey& key : unit.keys) parameters.own.emplace(key.name, key.otherwise);
  return parameters;
}

// Passes that cover the layer, each cut anywhere.
inline std::vector<TilePass> draw_passes(const LayerShape& shape) {
  const auto cut = [](int first, int end) {
    const int step = *anywhere_in(0, 3) == 0 ? *anywhere_in(1, end - first + 1) : end - first;
    std::vector<Range> ranges;
    for (; first < end; first += step) ranges.push_back({first, std::min(end, first + step)});
    return ranges;
  };
  const auto images = cut(0, shape.N), rows = cut(0, shape.P());
  std::vector<TilePass> passes;
  for (int group = 0; group < shape.groups; ++group) {
    const int first = group * shape.filters_per_group();
    const auto filters = cut(first, first + shape.filters_per_group());
    for (const Range& n : images) {
      for (const Range& p : rows) {
        for (const Range& k : filters) passes.push_back({group, n, k, p});
      }
    }
  }
  return passes;
}

// One pass for the whole of a layer without groups.
inline TilePass whole(const LayerShape& shape) { return {0, {0, shape.N}, {0, shape.K}, {0, shape.P()}}; }

// No sum of a test is -77 unless somebody wrote it.
inline Ofmap untouched_ofmap(const LayerShape& shape) {
  Ofmap sums{.N = shape.N, .P = shape.P(), .Q = shape.Q(), .K = shape.K, .sums = {}, .reals = {}};
  sums.sums.assign(sums.at(shape.N, 0, 0, 0), -77);
  return sums;
}

// Field by field first, so that a failure says which.
inline void check_same_work(const TileWork& fast, const TileWork& twin) {
  RC_ASSERT(fast.cycles.value == twin.cycles.value);
  RC_ASSERT(fast.products == twin.products);
  for (std::size_t bin = 0; bin < bin_count; ++bin) {
    RC_ASSERT(std::make_pair(bin, fast.bins[static_cast<Bin>(bin)]) ==
              std::make_pair(bin, twin.bins[static_cast<Bin>(bin)]));
  }
  RC_ASSERT(fast.uses.size() == twin.uses.size());
  for (std::size_t part = 0; part < fast.uses.size(); ++part) {
    RC_ASSERT(std::make_pair(part, fast.uses[part].count) == std::make_pair(part, twin.uses[part].count));
    RC_ASSERT(std::make_pair(part, fast.uses[part].writes) == std::make_pair(part, twin.uses[part].writes));
  }
  RC_ASSERT(fast.weights.value == twin.weights.value);
  RC_ASSERT(fast.ifmap.value == twin.ifmap.value);
  RC_ASSERT(fast == twin);
}

inline TileWork run_clocked(const UnitType& unit, const Layer& layer, const UnitParameters& parameters,
                            const TilePass& pass, Ofmap& sums) {
  const auto twin = unit.array->clocked(layer, parameters, pass);
  const std::size_t signals = unit.array->signals(parameters).size();
  std::int64_t cycles = 0;
  for (; !twin->done() && cycles < 10'000'000; ++cycles) {
    twin->step();
    EXPECT_EQ(twin->view(parameters.rows - 1).size(), signals);
  }
  for (int row = 0; row < parameters.rows; ++row) EXPECT_EQ(twin->view(row).size(), signals);
  EXPECT_EQ(twin->work().cycles, Cycles(cycles));
  twin->hand_over(sums);
  return twin->work();
}

// Runs the passes on both and returns their works, which must agree; the passes cover the layer.
inline std::vector<TileWork> agreed_works(const UnitType& unit, const Layer& layer,
                                          const UnitParameters& parameters,
                                          const std::vector<TilePass>& passes) {
  const auto fast = unit.array->make(layer, parameters);
  Ofmap sums = untouched_ofmap(layer.shape), twin_sums = sums;
  std::vector<TileWork> works;
  for (const TilePass& pass : passes) {
    works.push_back(fast->run(pass, sums));
    const TileWork& work = works.back();
    const TileWork twin = run_clocked(unit, layer, parameters, pass, twin_sums);
    work.bins.close(std::int64_t{parameters.rows} * unit.array->columns(parameters), work.cycles, "pass");
    check_same_work(work, twin);
    RC_ASSERT(work.uses.size() == unit.array->parts(parameters).size());
  }
  const Ofmap golden = run_golden(layer);
  RC_ASSERT(sums.sums == golden.sums);
  RC_ASSERT(twin_sums.sums == golden.sums);
  return works;
}

// In the row with most to do, which a waveform shows, something moves.
inline void check_lively_row(const UnitType& unit, const Layer& layer, const UnitParameters& parameters,
                             const TilePass& pass) {
  const auto twin = unit.array->clocked(layer, parameters, pass);
  const std::vector<std::int64_t> work = twin->effectual_work();
  RC_ASSERT(work.size() == static_cast<std::size_t>(parameters.rows));
  const auto most = std::max_element(work.begin(), work.end());
  if (*most == 0) return;
  const int row = static_cast<int>(most - work.begin());
  const std::vector<double> at_first = twin->view(row);
  bool moved = false;
  while (!twin->done()) {
    twin->step();
    moved = moved || twin->view(row) != at_first;
  }
  RC_ASSERT(moved);
}

// A layer of int16 operands without bias whose words, in the order of their extents, `value_at` gives.
inline Layer layer_of(Kind kind, const LayerShape& shape, const std::function<int(int)>& ifmap_at,
                      const std::function<int(int)>& weight_at) {
  const auto fill = [](const Extent& extent, const std::function<int(int)>& value_at) {
    std::vector<std::int16_t> words(static_cast<std::size_t>(extent.positions()));
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = static_cast<std::int16_t>(value_at(static_cast<int>(i)));
    return encode(&bitmap_encoding, Dtype::int16, extent, words, {1.0F});
  };
  Layer layer;
  layer.name = "made";
  layer.kind = kind;
  layer.shape = shape;
  layer.ifmap = fill({shape.N, shape.H, shape.W, shape.C}, ifmap_at);
  layer.weights = fill({shape.K, shape.R, shape.S, shape.channels_per_group()}, weight_at);
  layer.output = {Dtype::int16, 1.0F, false};
  return layer;
}

inline std::string error_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) { return error.what(); }
  return "";
}

// Why a unit does not take the layer: what its check says, or the store that is too small; empty where it
// does.
inline std::string refusal_of(const UnitType& unit, const Layer& layer, const UnitParameters& parameters) {
  return error_of([&] {
    unit.check(layer, parameters);
    if (unit.array->lacks == nullptr) return;
    if (const auto error = unit.array->lacks(layer, parameters)) throw Error(*error);
  });
}

}  // namespace basil::testing
