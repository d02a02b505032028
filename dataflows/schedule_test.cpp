// Random layers on random small arrays: the passes of every dataflow, computed by the mac unit from slices,
// add up to the golden ofmap bit for bit.
#include "dataflows/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <optional>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "dataflows/row_stationary/row_mapper.h"
#include "dataflows/row_stationary/row_stationary.h"
#include "dataflows/systolic/systolic.h"
#include "pe/unit.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// Of the block of sums that leaves with the step.
std::int64_t outputs_stored(const Step& step, const LayerShape& shape) {
  if (!step.store_ofmap) return 0;
  if (const auto* fold = step.pass.as<GemmPass>())
    return std::int64_t{fold->pixels.size()} * fold->filters.size();
  return std::int64_t{step.ofmap.n.size()} * step.ofmap.channels.size() * step.ofmap.rows.size() * shape.Q();
}

// An ifmap tile comes from DRAM where it is not the one before, and only there. (Systolic buffers hold more
// than a step's: models/layer/systolic_traffic_test.cpp.)
void check_loads(const Step& step, const std::optional<Step>& before) {
  if (step.pass.as<RowPass>() == nullptr) return;
  RC_ASSERT(step.load_ifmap == (!before || !(step.ifmap == before->ifmap)));
}

// Weights times pixels of what a step says of its operands and sums are the pass's products.
void check_slices(const Step& step, const LayerShape& shape) {
  const WeightSlice& weights = step.weights;
  const int taps = weights.taps_y.size() * weights.taps_x.size();
  const int flat = weights.reduction.size();
  std::int64_t pixels = 0;
  for (int n = 0; n < shape.N; ++n) {
    const Range images = step.outputs.flat ? Range{0, shape.N} : step.outputs.images;
    if (n < images.first || n >= images.end) continue;
    pixels += std::max(0, step.outputs.pixels_of(n, shape.P() * shape.Q()).size());
  }
  const auto* rows = step.pass.as<RowPass>();
  if (rows != nullptr) {
    RC_ASSERT(pixels == std::int64_t{rows->n.size()} * rows->rows.size() * shape.Q());
    RC_ASSERT(taps * weights.channels.size() ==
              rows->taps_y.size() * rows->taps_x.size() * rows->channels.size());
    RC_ASSERT(flat == 0);
  } else {
    const auto* fold = step.pass.as<GemmPass>();
    RC_ASSERT(pixels == fold->pixels.size());
    RC_ASSERT(flat == fold->reduction.size());
    RC_ASSERT(taps == 0);
  }
  RC_ASSERT(weights.filters == step.outputs.filters);
}

Ofmap run_passes(const Layer& layer, Schedule& schedule) {
  const UnitParameters parameters{.dtype = layer.weights.is_real() ? Dtype::fp32 : Dtype::int16,
                                  .zero_gating = true};
  const auto unit = unit_type("mac", "test").make(layer, parameters);
  Ofmap sums{.N = layer.shape.N,
             .P = layer.shape.P(),
             .Q = layer.shape.Q(),
             .K = layer.shape.K,
             .sums = {},
             .reals = {}};
  const std::size_t count = sums.at(sums.N - 1, sums.P - 1, sums.Q - 1, sums.K - 1) + 1;
  if (layer.weights.is_real()) sums.reals.assign(count, 1e30);
  if (!layer.weights.is_real()) sums.sums.assign(count, std::int64_t{-1} << 60);
  std::int64_t steps = 0, products = 0, stored = 0;
  std::optional<Step> before;
  while (const auto step = schedule.next()) {
    RC_ASSERT(step->id == steps);
    ++steps;
    RC_ASSERT(step->active_pes >= 1);
    stored += outputs_stored(*step, layer.shape);
    check_loads(*step, before);
    before = step;
    check_slices(*step, layer.shape);
    const auto* rows = step->pass.as<RowPass>();
    products += rows != nullptr ? unit->accumulate(*rows, sums).all
                                : unit->accumulate(*step->pass.as<GemmPass>(), sums).all;
  }
  RC_ASSERT(steps == schedule.size());
  RC_ASSERT(products == layer.shape.macs());
  RC_ASSERT(stored == std::int64_t{sums.N} * sums.P * sums.Q * sums.K);  // each output leaves once
  return sums;
}

void expect_golden(const Layer& layer, Schedule& schedule) {
  const Ofmap sums = run_passes(layer, schedule);
  const Ofmap golden = run_golden(layer);
  RC_ASSERT(sums.sums == golden.sums);
  if (golden.reals.empty()) return;
  const std::vector<double> bound = fp32_bound(layer);
  for (std::size_t i = 0; i < bound.size(); ++i)
    RC_ASSERT(std::abs(sums.reals[i] - golden.reals[i]) <= bound[i]);
}

RowArray draw_row_array() {
  RowArray array;
  array.rows = in(1, 6);
  array.cols = in(1, 6);
  array.pe.filter_spad = in(1, 40);
  array.pe.ifmap_spad = in(1, 12);
  array.pe.psum_spad = in(1, 8);
  array.fmap_buffer = Bytes(in(400, 4000));
  array.filter_buffer = Bytes(in(16, 400));
  return array;
}

RC_GTEST_PROP(RowStationary, EqualsTheGoldenExecutorOnRandomArrays, ()) {
  const Layer layer = testing::draw_layer(in(0, 4) == 0);
  const RowArray array = draw_row_array();
  std::optional<RowMapping> mapping;
  try {
    mapping = choose_mapping(layer.shape, {}, array, {}, "test");
  } catch (const Error& error) { RC_DISCARD(error.what()); }
  RC_LOG() << row_schedule(layer.shape, *mapping)->describe();
  check_mapping(layer.shape, array, *mapping, "test");
  expect_golden(layer, *row_schedule(layer.shape, *mapping));
}

SystolicArray draw_systolic_array() {
  SystolicArray array;
  array.rows = in(1, 9);
  array.cols = in(1, 9);
  array.ifmap_buffer = Bytes(in(500, 5000));
  array.accumulators = Bytes(in(100, 2000));
  return array;
}

RC_GTEST_PROP(WeightStationary, EqualsTheGoldenExecutorOnRandomArrays, ()) {
  const Layer layer = testing::draw_layer(in(0, 4) == 0);
  const SystolicArray array = draw_systolic_array();
  std::unique_ptr<Schedule> schedule;
  try {
    schedule = weight_stationary_schedule(layer.shape, array, "test");
  } catch (const Error& error) { RC_DISCARD(error.what()); }
  expect_golden(layer, *schedule);
}

RC_GTEST_PROP(OutputStationary, EqualsTheGoldenExecutorOnRandomArrays, ()) {
  const Layer layer = testing::draw_layer(in(0, 4) == 0);
  std::unique_ptr<Schedule> schedule;
  try {
    schedule = output_stationary_schedule(layer.shape, draw_systolic_array(), "test");
  } catch (const Error& error) { RC_DISCARD(error.what()); }
  expect_golden(layer, *schedule);
}

TEST(RowMapper, FindsTheFoldsOfFiltersTallerThanTheArray) {
  LayerShape shape;
  shape.C = 2;
  shape.H = shape.W = 20;
  shape.K = 3;
  shape.R = shape.S = 11;
  RowArray array;
  array.rows = 4;
  array.pe.ifmap_spad = 5;
  const RowMapping mapping = choose_mapping(shape, {}, array, {}, "test");
  EXPECT_LE(mapping.taps_y, 4);
  EXPECT_LE(mapping.taps_x, 5);
  check_mapping(shape, array, mapping, "test");
}

TEST(RowMapper, NamesTheBufferThatCannotHoldOneRow) {
  LayerShape shape;
  shape.H = 8;
  shape.W = 1000;
  shape.R = shape.S = 3;
  RowArray array;
  array.fmap_buffer = Bytes(100);
  try {
    (void)choose_mapping(shape, {}, array, {}, "layer a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("buffer"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace basil
