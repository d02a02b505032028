#include "traces/compress/derive.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "traces/compress/basis.h"
#include "traces/compress/compress.h"
#include "traces/compress/power_of_two.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/golden/requantise.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

Recipe recipe_of(const std::string& steps) { return parse_recipe("steps: [" + steps + "]", "r.yaml"); }

// conv, depthwise, pool, add, fc; and a second conv without groups.
DenseNetwork network() {
  DenseNetwork network = testing::sample_network();
  network.layers.push_back(testing::sample_layer(
      "conv2", &conv_kind, {.C = 6, .H = 9, .W = 9, .K = 8, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1}));
  return network;
}

Trace sample(const std::string& steps = "{prune: {method: magnitude, ratio: 0.6}}") {
  return compress(network(), recipe_of(steps)).trace;
}

const Layer& layer_of(const Trace& trace, const std::string& name) {
  return *std::find_if(trace.layers.begin(), trace.layers.end(),
                       [&](const Layer& layer) { return layer.name == name; });
}

bool same_integers(const Operand& a, const Operand& b) {
  return a.encoding == b.encoding && a.dtype == b.dtype && a.scales == b.scales && a.values == b.values &&
         a.own == b.own;
}

std::string refusal(const Trace& trace, const Recipe& recipe) {
  try {
    (void)derive(trace, recipe);
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

class DeriveEvery : public ::testing::TestWithParam<Encoding> {};

TEST_P(DeriveEvery, KeepsIfmapsAndOutputs) {
  const Trace trace = sample("{prune: {method: magnitude, ratio: 0.6}}, {encode: run_length}");
  const Trace derived = derive(trace, default_recipe_for(GetParam()));
  check(derived);
  ASSERT_EQ(derived.layers.size(), trace.layers.size());
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const Layer &before = trace.layers[i], &after = derived.layers[i];
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.kind, before.kind);
    EXPECT_TRUE(after.shape == before.shape);
    EXPECT_TRUE(same_integers(after.ifmap, before.ifmap)) << after.name;
    EXPECT_EQ(after.output.dtype, before.output.dtype);
    EXPECT_EQ(after.output.scale, before.output.scale);
    EXPECT_EQ(after.output.relu, before.output.relu);
    if (!after.simulated()) continue;
    EXPECT_EQ(run_golden(after).sums.size(), run_golden(before).sums.size());
  }
  EXPECT_EQ(layer_of(derived, "conv2").weights.encoding, GetParam());
  EXPECT_TRUE(derived.history.starts_with(trace.history + "; ")) << derived.history;
  const testing::Scratch folder;
  write_trace(derived, folder / "d.npz");
  EXPECT_EQ(read_trace(folder / "d.npz").history, derived.history);
}

INSTANTIATE_TEST_SUITE_P(Encodings, DeriveEvery, ::testing::ValuesIn(testing::all_encodings()),
                         [](const auto& encoding) { return std::string(to_string(encoding.param)); });

TEST(Derive, FitsWhatTheIntegersMean) {
  const Trace trace = sample();
  const Trace derived = derive(trace, recipe_of("{power_of_two: {terms: 1}}"));
  const Layer &before = layer_of(trace, "conv2"), &after = layer_of(derived, "conv2");
  const std::vector<std::int16_t> was = decode(before.weights), is = decode(after.weights);
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < was.size(); ++i) {
    const int k = static_cast<int>(i / 54);
    const double exact = was[i] * double{before.weights.scale(k)};
    difference += std::pow(is[i] * double{after.weights.scale(k)} - exact, 2);
    norm += exact * exact;
    EXPECT_TRUE(was[i] != 0 || is[i] == 0) << i;
  }
  EXPECT_LT(std::sqrt(difference / norm), 0.25);
  for (int k = 0; k < 8; ++k) {  // the bias in real units
    const auto at = static_cast<std::size_t>(k);
    const double step = double{after.weights.scale(k)};
    EXPECT_NEAR(static_cast<double>(after.bias[at]) * step,
                static_cast<double>(before.bias[at]) * double{before.weights.scale(k)}, step);
  }
}

TEST(Derive, LeavesLayersThatAFitCannotTake) {
  const Trace trace = sample();
  for (const Encoding encoding : {&basis_encoding, &comparator_encoding}) {
    const Trace derived = derive(trace, default_recipe_for(encoding));
    for (const char* name : {"depthwise", "fc"}) {
      EXPECT_TRUE(same_integers(layer_of(derived, name).weights, layer_of(trace, name).weights)) << name;
      EXPECT_EQ(run_golden(layer_of(derived, name)).sums, run_golden(layer_of(trace, name)).sums);
    }
    EXPECT_TRUE(derived.history.ends_with(" of 4 layers left")) << derived.history;
  }
  const Trace grouped = derive(trace, default_recipe_for(&binary_encoding));
  EXPECT_TRUE(same_integers(layer_of(grouped, "conv").weights, layer_of(trace, "conv").weights));
}

TEST(Derive, KeepsIntegersThatTheDtypeHolds) {
  const Trace trace = sample();
  for (const Dtype dtype : {Dtype::int8, Dtype::int16}) {
    for (const Encoding encoding : {&dense_encoding, &bitmap_encoding, &run_length_encoding}) {
      const Trace derived = derive(trace, default_recipe_for(encoding, dtype));
      for (std::size_t i = 0; i < trace.layers.size(); ++i) {
        if (!trace.layers[i].simulated()) continue;
        EXPECT_EQ(derived.layers[i].weights.encoding, encoding);
        EXPECT_EQ(derived.layers[i].weights.dtype, dtype);
        EXPECT_EQ(run_golden(derived.layers[i]).sums, run_golden(trace.layers[i]).sums);
      }
    }
  }
  const Trace narrow = derive(trace, recipe_of("{quantise: {bits: 4}}"));
  EXPECT_EQ(layer_of(narrow, "conv2").weights.dtype, Dtype::int4);
}

TEST(Derive, BringsPowersOfTwoAndBasesBackAsTheyAre) {
  for (const Encoding encoding : {&power_of_two_encoding, &basis_encoding}) {
    const Trace fitted = derive(sample(), default_recipe_for(encoding));
    const Trace back = derive(fitted, default_recipe_for(&dense_encoding, Dtype::int16));
    for (std::size_t i = 0; i < back.layers.size(); ++i) {
      if (!back.layers[i].simulated()) continue;
      EXPECT_EQ(back.layers[i].weights.encoding, &dense_encoding);
      EXPECT_EQ(run_golden(back.layers[i]).sums, run_golden(fitted.layers[i]).sums);
    }
  }
}

TEST(Derive, LeavesWhatIsThereAlready) {
  for (const Encoding encoding :
       {&power_of_two_encoding, &basis_encoding, &comparator_encoding, &binary_encoding}) {
    const Trace once = derive(sample(), default_recipe_for(encoding));
    const Trace twice = derive(once, default_recipe_for(encoding));
    for (std::size_t i = 0; i < once.layers.size(); ++i)
      EXPECT_TRUE(same_integers(twice.layers[i].weights, once.layers[i].weights)) << once.layers[i].name;
  }
}

TEST(Derive, PrunesBeforeItStates) {
  const Trace derived = derive(sample(""), recipe_of("{prune: {method: filters, ratio: 1, layers: fc}}"));
  EXPECT_EQ(nonzeros(layer_of(derived, "fc").weights), 0);
  EXPECT_TRUE(same_integers(layer_of(derived, "conv2").weights, layer_of(sample(""), "conv2").weights));
}

TEST(Derive, TurnsIntegersIntoReals) {
  const Trace trace = sample();
  const Trace derived = derive(trace, default_recipe_for(&dense_encoding, Dtype::fp32));
  const Layer &before = layer_of(trace, "conv2"), &after = layer_of(derived, "conv2");
  const std::vector<std::int64_t> sums = run_golden(before).sums;
  const std::vector<double> reals = run_golden(after).reals;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double exact = static_cast<double>(sums[i]) * double{before.ifmap.scale(0)} *
                         double{before.weights.scale(static_cast<int>(i % 8))};
    EXPECT_NEAR(reals[i], exact, 1e-4 * (1 + std::abs(exact)));
  }
  EXPECT_EQ(requantise(after, run_golden(after)).size(), sums.size());
}

TEST(Derive, RefusesWhatHasNoWeightsToStart) {
  const Trace words = derive(sample(), default_recipe_for(&comparator_encoding));
  EXPECT_EQ(
      refusal(words, default_recipe_for(&dense_encoding)),
      "layer conv2: weights.encoding: comparator, expected weights of a convolution to derive others from");
  const Trace reals = sample("{quantise: {bits: fp32}}");
  EXPECT_EQ(refusal(reals, default_recipe_for(&basis_encoding)),
            "layer conv: weights.dtype: fp32, expected integers to derive others from");
  EXPECT_EQ(refusal(sample(), recipe_of("{basis: {bases: 7}}")),
            "r.yaml:1:25: steps[0].basis.bases: 7 for layer conv, expected at most 6 for a window of 3 x 2");
  EXPECT_EQ(refusal(sample(), recipe_of("{comparator: {layers: 'x*'}}")).substr(0, 62),
            "r.yaml:1:31: steps[0].comparator.layers: 'x*' names no layer, ");
}

}  // namespace
}  // namespace basil
