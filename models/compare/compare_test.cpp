// The same layers on several machines: sizes, encodings and means.
#include "models/compare/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "models/compare/compare_remarks.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

// A 3 x 3 and a 1 x 1 convolution of 8 channels.
Subject small_subject() {
  std::vector<std::int16_t> weights, ifmap;
  for (int i = 0; i < 8 * 72; ++i) weights.push_back(static_cast<std::int16_t>((i * 37) % 251 - 125));
  for (int i = 0; i < 36 * 8; ++i) ifmap.push_back(static_cast<std::int16_t>(i * 29 % 127));
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 8, .H = 6, .W = 6, .K = 8, .R = 3, .S = 3};
  layer.shape.pad_top = layer.shape.pad_bottom = layer.shape.pad_left = layer.shape.pad_right = 1;
  layer.weights = encode(&dense_encoding, Dtype::int8, {8, 3, 3, 8}, weights, {0.01F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 6, 6, 8}, ifmap, {0.5F});
  Layer pointwise = layer;
  pointwise.name = "pointwise";
  pointwise.shape = {.C = 8, .H = 6, .W = 6, .K = 8};
  weights.resize(64);
  pointwise.weights = encode(&dense_encoding, Dtype::int8, {8, 1, 1, 8}, weights, {0.01F});
  Subject subject;
  subject.trace.name = "small";
  subject.trace.layers = {layer, pointwise};
  return subject;
}

TEST(Compare, ScalesArraysToEqualMultipliers) {
  for (const char* name : {"eyeriss", "tpu-like", "scnn", "dcnn", "sparten", "escalate", "lightpe1",
                           "lightpe2", "flightnn", "cmp-array", "int16", "fp32"}) {
    const Description machine = with_multipliers(name, {}, 1024).machine;
    EXPECT_NEAR(static_cast<double>(machine.pes()), 1024, 20) << name;
  }
  const Description eyeriss = with_multipliers("eyeriss", {}, 1024).machine;
  EXPECT_EQ(eyeriss.rows, 30);  // 12 x sqrt(1024 / 168), rounded
  EXPECT_EQ(eyeriss.cols, 34);
  EXPECT_EQ(eyeriss.noc.ifmap_bits, 112);  // 16 x 1024 / 168 = 97.5, whole words
  EXPECT_EQ(eyeriss.fmap_buffer.port_bits, 448);
  EXPECT_EQ(eyeriss.fmap_buffer.bytes, load_accelerator("eyeriss").fmap_buffer.bytes);
}

TEST(Compare, LeavesAMachineOfThatSizeAlone) {
  const Description machine = with_multipliers("tpu-like", {}, 1024).machine,
                    described = load_accelerator("tpu-like");
  EXPECT_EQ(machine.rows, described.rows);
  EXPECT_EQ(machine.noc.ifmap_bits, described.noc.ifmap_bits);
}

TEST(Compare, ScalesArraysToEqualArea) {
  const double area = area_of(load_accelerator("sparten"));
  for (const char* name : {"scnn", "escalate", "tpu-like", "int16"}) {
    EXPECT_NEAR(area_of(with_area(name, {}, area).machine) / area, 1, 0.1) << name;
  }
}

TEST(Compare, RefusesAnAreaThatTheBuffersFill) {
  try {
    (void)with_area("sparten", {}, 0.5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("area_mm2: sparten: buffers, network and coders of "),
              std::string::npos)
        << error.what();
  }
}

TEST(Compare, GivesEachMachineItsEncoding) {
  const Subject subject = small_subject();
  const Contender escalate = make_contender(subject, "escalate", {});
  EXPECT_EQ(escalate.trace.layers[0].weights.encoding, &basis_encoding);
  EXPECT_EQ(escalate.trace.layers[1].weights.encoding, &dense_encoding);  // 1 x 1 stays as it is
  EXPECT_EQ(escalate.derivation.substr(0, 17), "1 layer derived: ");
  EXPECT_GT(escalate.output_error[0], 0);
  EXPECT_EQ(escalate.output_error[1], 0);

  const Contender comparators = make_contender(subject, "cmp-array", {});
  EXPECT_EQ(comparators.trace.layers[0].weights.encoding, &comparator_encoding);
  EXPECT_EQ(comparators.trace.layers[1].weights.encoding, &power_of_two_encoding);

  const Contender shifts = make_contender(subject, "lightpe2", {});
  EXPECT_EQ(shifts.trace.layers[0].weights.encoding, &power_of_two_encoding);
  EXPECT_LT(shifts.output_error[0], make_contender(subject, "lightpe1", {}).output_error[0]);

  const Contender sparten = make_contender(subject, "sparten", {});
  EXPECT_EQ(sparten.trace.layers[0].weights.encoding, &dense_encoding);
  EXPECT_EQ(sparten.derivation, "");
  EXPECT_EQ(sparten.output_error[0], 0);

  const Contender real = make_contender(subject, "fp32", {});
  EXPECT_EQ(real.trace.layers[0].weights.dtype, Dtype::fp32);
  EXPECT_NEAR(real.output_error[0], 0, 1e-6);
}

LayerResult layer_of(const std::string& name, std::int64_t cycles, double picojoules) {
  LayerResult layer;
  layer.name = name;
  layer.cycles = Cycles(cycles);
  layer.energy.add({"mac", "mac_int8", 1, Picojoules(picojoules), Tag::published});
  layer.verified = true;
  return layer;
}

TEST(Compare, TakesGeometricMeansOverLayers) {
  const Subject subject = small_subject();
  Comparison comparison;
  comparison.trace = "small";
  comparison.contenders = {make_contender(subject, "sparten", {}), make_contender(subject, "tpu-like", {})};
  Result first, second;
  first.clock_mhz = 1000;
  second.clock_mhz = 500;
  first.layers = {layer_of("conv", 100, 10), layer_of("pointwise", 100, 10)};
  second.layers = {layer_of("conv", 25, 5), layer_of("pointwise", 100, 80)};
  comparison.results = {first, second};
  EXPECT_DOUBLE_EQ(mean_speedup(comparison, 0), 1);
  EXPECT_DOUBLE_EQ(mean_speedup(comparison, 1), std::sqrt(2.0 * 0.5));  // 100 ns over 50, 100 over 200
  EXPECT_DOUBLE_EQ(mean_energy_gain(comparison, 1), std::sqrt(2.0 / 8.0));
  const auto json = to_json(comparison);
  EXPECT_EQ(json["accelerators"][1]["layers"][0]["cycles"], 25);
  EXPECT_EQ(json["accelerators"][1]["layers"][0]["encoding"], "dense");
  const std::string csv = to_csv(comparison);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);  // a header, two layers on two machines
  EXPECT_NE(to_text(comparison).find("geometric mean"), std::string::npos);
}

// Two layers of 50 pJ each between 40 and 70: 80 to 140 pJ in all. The others are given.
Comparison spread_comparison(double low, double each, double high) {
  Comparison comparison;
  comparison.trace = "small";
  const auto result = [](double from, double pj, double to) {
    LayerResult layer;
    layer.name = "conv";
    layer.cycles = Cycles(100);
    layer.energy.add({"mac", "mac_int8", 1, Picojoules(pj), Tag::derived, Picojoules(from), Picojoules(to)});
    Result made;
    made.clock_mhz = 1000;
    made.layers = {layer, layer};
    return made;
  };
  const Subject subject = small_subject();
  comparison.contenders = {make_contender(subject, "sparten", {}), make_contender(subject, "eyeriss", {})};
  comparison.results = {result(40, 50, 70), result(low, each, high)};
  return comparison;
}

TEST(CompareRemarks, IntervalsOverlapWhereTheyShareAFigure) {
  const Comparison apart = spread_comparison(71, 80, 90), below = spread_comparison(10, 20, 39),
                   touching = spread_comparison(70, 80, 90), within = spread_comparison(45, 46, 47);
  EXPECT_FALSE(overlap(apart, Spreading::energy, 0, 1));
  EXPECT_FALSE(overlap(below, Spreading::energy, 0, 1));
  EXPECT_TRUE(overlap(touching, Spreading::energy, 0, 1));
  EXPECT_TRUE(overlap(within, Spreading::energy, 1, 0));
  EXPECT_TRUE(overlaps_any(within, Spreading::energy, 0));
  EXPECT_FALSE(overlaps_any(apart, Spreading::energy, 0));
}

TEST(CompareRemarks, EnergyTimesDelaySpreadsWithTheEnergy) {
  Comparison comparison = spread_comparison(71, 80, 90);
  EXPECT_FALSE(overlap(comparison, Spreading::energy_delay, 0, 1));
  comparison.results[1].clock_mhz = 1200;  // 71 x 100 / 1200 is below 70 x 100 / 1000
  EXPECT_TRUE(overlap(comparison, Spreading::energy_delay, 0, 1));
  EXPECT_FALSE(overlap(comparison, Spreading::energy, 0, 1));
}

TEST(CompareRemarks, SayWhatOrderRestsOnAnOverlap) {
  const std::string apart = to_text(spread_comparison(71, 80, 90)),
                    within = to_text(spread_comparison(45, 46, 47));
  EXPECT_EQ(apart.find("overlapping"), std::string::npos) << apart;
  EXPECT_NE(within.find("~ order by energy that rests on overlapping intervals: eyeriss and sparten\n"),
            std::string::npos)
      << within;
  EXPECT_NE(within.find("140 pJ"), std::string::npos) << within;  // the high of two layers
  EXPECT_TRUE(to_json(spread_comparison(45, 46, 47))["accelerators"][0]["energy_overlaps"].get<bool>());
  EXPECT_EQ(to_json(spread_comparison(45, 46, 47))["accelerators"][0]["energy_share_by_tag"]["derived"], 1.0);
}

TEST(CompareRemarks, SayWhatScalingLeavesAndWhereWidthsDiffer) {
  Comparison comparison = spread_comparison(45, 46, 47);
  comparison.footing = Footing::equal_multipliers;
  std::string text = to_text(comparison);
  EXPECT_NE(text.find("sizes of buffers stay as described: sparten "), std::string::npos) << text;
  EXPECT_NE(text.find("ifmap words differ in width: 8 bit sparten; 16 bit eyeriss"), std::string::npos)
      << text;
  EXPECT_NE(text.find("% of energy"), std::string::npos) << text;
  comparison.footing = Footing::as_described;
  text = to_text(comparison);
  EXPECT_EQ(text.find("stay as described"), std::string::npos) << text;
}

TEST(CompareRemarks, ARatioIsNeverNothing) {
  EXPECT_EQ(ratio_text(1.3), "1.30x");
  EXPECT_EQ(ratio_text(0.1234), "0.12x");
  EXPECT_EQ(ratio_text(0.05), "0.05x");
  EXPECT_EQ(ratio_text(0.001234), "0.0012x");
  EXPECT_EQ(ratio_text(0.0000456), "4.6e-05x");
}

}  // namespace
}  // namespace basil
