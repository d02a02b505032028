// LightPEs in the whole machine: sums of powers of two on the row-stationary array, values verified, accounts
// closed, and what mixed numbers of terms cost.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/error.h"
#include "models/simulate.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

Trace draw_trace(int count) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (static_cast<int>(trace.layers.size()) >= count) return;
    Layer layer = testing::draw_layer_in(&power_of_two_encoding);
    if (bits_of(layer.ifmap.dtype) > 8)
      layer.ifmap = testing::draw_operand(Dtype::int8, layer.ifmap.extent, false);
    layer.name = "L" + std::to_string(trace.layers.size());
    trace.layers.push_back(std::move(layer));
  });
  return trace;
}

void expect_sound(const std::string& accelerator, std::vector<std::string> overrides, Fidelity fidelity,
                  int layers) {
  Options options;
  options.fidelity = fidelity;
  const Result result = simulate(draw_trace(layers), load_accelerator(accelerator, overrides), options);
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), result.pes * layer.cycles.value) << layer.name;
  }
}

TEST(ShiftAdd, OneShiftOnRandomLayers) { expect_sound("lightpe1", {}, Fidelity::transaction, 60); }
TEST(ShiftAdd, TwoShiftsOnRandomLayers) { expect_sound("lightpe2", {}, Fidelity::transaction, 60); }
TEST(ShiftAdd, UngroupedOnASmallArray) {
  expect_sound("flightnn", {"unit.group_filters=0", "array.rows=3", "array.cols=4"}, Fidelity::transaction,
               60);
}
TEST(ShiftAdd, ClockedOneShiftOnRandomLayers) { expect_sound("flightnn", {}, Fidelity::cycle, 25); }
TEST(ShiftAdd, ClockedUngroupedOnASmallArray) {
  expect_sound("flightnn", {"unit.group_filters=0", "array.rows=3", "array.cols=4"}, Fidelity::cycle, 25);
}
TEST(ShiftAdd, ClockedTwoShiftsOnRandomLayers) { expect_sound("lightpe2", {}, Fidelity::cycle, 25); }

// 64 filters of 3 x 3 x 16; terms[k] of each.
Trace mixed_trace(const std::vector<std::uint8_t>& terms) {
  Layer layer;
  layer.name = "mixed";
  layer.shape = {.C = 16, .H = 14, .W = 14, .K = static_cast<int>(terms.size()), .R = 3, .S = 3};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 14, 14, 16},
                       std::vector<std::int16_t>(14 * 14 * 16, 3), {1.0F});
  layer.weights.encoding = &power_of_two_encoding;
  layer.weights.dtype = Dtype::int4;
  layer.weights.extent = {layer.shape.K, 3, 3, 16};
  layer.weights.parts<PowerOfTwo>().terms = terms;
  for (const int k : terms)
    layer.weights.values.insert(layer.weights.values.end(), static_cast<std::size_t>(k) * 144, 5);
  Trace trace;
  trace.name = "mixed";
  trace.layers.push_back(layer);
  return trace;
}

std::vector<std::uint8_t> alternating() {
  std::vector<std::uint8_t> terms;
  for (int k = 0; k < 64; ++k) terms.push_back(static_cast<std::uint8_t>(1 + k % 2));
  return terms;
}

std::int64_t computing(const std::vector<std::uint8_t>& terms) {
  const Result result = simulate(mixed_trace(terms), load_accelerator("flightnn"), {});
  return result.layers[0].bins[Bin::compute];
}

TEST(ShiftAdd, TwoTermsTakeTwiceTheSlotsOfOne) {
  EXPECT_EQ(computing(std::vector<std::uint8_t>(64, 1)), 64 * 144 * 12 * 12);
}
TEST(ShiftAdd, AFilterOfTwoTermsTakesTwoSlots) {
  EXPECT_EQ(computing(std::vector<std::uint8_t>(64, 2)), 2 * 64 * 144 * 12 * 12);
}
TEST(ShiftAdd, MixedTermsAddUp) { EXPECT_EQ(computing(alternating()), (32 * 1 + 32 * 2) * 144 * 12 * 12); }

TEST(ShiftAdd, GroupsFiltersOfEqualTerms) {
  const UnitType& type = unit_type("shift_add", "test");
  UnitParameters parameters;
  parameters.own = {{"shifts", 1}, {"group_filters", 1}};
  const Trace trace = mixed_trace({1, 2, 0, 2});
  EXPECT_EQ(type.filter_order(trace.layers[0], parameters), (std::vector<int>{1, 3, 0, 2}));
  EXPECT_EQ(type.slots(trace.layers[0], parameters), (std::vector<int>{1, 2, 1, 2}));
  parameters.own["shifts"] = 2;
  EXPECT_EQ(type.slots(trace.layers[0], parameters), (std::vector<int>{1, 1, 1, 1}));
  parameters.own["group_filters"] = 0;
  EXPECT_TRUE(type.filter_order(trace.layers[0], parameters).empty());
}

TEST(ShiftAdd, RefusesPlainWeights) {
  Trace trace = mixed_trace({1, 1});
  trace.layers[0].weights =
      re_encode(encode(&dense_encoding, Dtype::int8, {2, 3, 3, 16}, decode(trace.layers[0].weights), {1.0F}),
                &bitmap_encoding);
  try {
    (void)simulate(trace, load_accelerator("lightpe1"), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "layer mixed: weights: bitmap encoding, expected an encoding that unit shift_add takes: "
                 "power_of_two");
  }
}

}  // namespace
}  // namespace basil
