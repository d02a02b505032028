#include "traces/synth/synth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/golden/requantise.h"

namespace basil {
namespace {

std::filesystem::path shipped(const std::string& name) {
  return std::filesystem::path(BASIL_SOURCE_DIR) / "traces/shapes" / (name + ".yaml");
}

// Two convolutions, one depthwise, one fc: every kind, groups, stride and dilation.
SynthList small_list() {
  return parse_synth(
      "name: small\n"
      "seed: 7\n"
      "density: {weights: 0.3, ifmap: 0.55}\n"
      "layers:\n"
      "  - {name: first, C: 3, H: 17, W: 13, K: 24, R: 5, S: 3, stride: 2, pad: 2}\n"
      "  - {name: grouped, C: 24, H: 9, K: 32, R: 3, pad: 2, dilation: 2, groups: 4}\n"
      "  - {name: dw, kind: depthwise, C: 32, H: 9, R: 3, pad: 1, density: {weights: 1}}\n"
      "  - {name: out, kind: fc, C: 600, K: 50, density: {ifmap: 0.2}}\n",
      "small.yaml");
}

std::int64_t share(double density, std::int64_t positions) {
  return std::llround(density * static_cast<double>(positions));
}

double ofmap_density(const Layer& layer) {
  const std::vector<std::int16_t> outputs = requantise(layer, run_golden(layer));
  const auto zeros = std::count(outputs.begin(), outputs.end(), std::int16_t{0});
  return 1 - static_cast<double>(zeros) / static_cast<double>(outputs.size());
}

bool same_operands(const Layer& a, const Layer& b) {
  return a.weights == b.weights && a.ifmap.values == b.ifmap.values && a.bias == b.bias &&
         a.output.scale == b.output.scale;
}

TEST(Synth, CountsOfNonZerosAreExact) {
  for (const int bits : {4, 8, 16}) {
    SynthOptions options;
    options.bits = bits;
    const SynthList list = small_list();
    const Trace trace = synthesise(list, options);
    ASSERT_EQ(trace.layers.size(), 4U);
    for (std::size_t i = 0; i < trace.layers.size(); ++i) {
      const Layer& layer = trace.layers[i];
      const SynthDensity& density = list.layers[i].density;
      EXPECT_EQ(nonzeros(layer.weights), share(density.weights, layer.weights.extent.positions()));
      EXPECT_EQ(nonzeros(layer.ifmap), share(density.ifmap, layer.ifmap.extent.positions()));
      EXPECT_EQ(bits_of(layer.weights.dtype), bits);
      EXPECT_EQ(bits_of(layer.ifmap.dtype), bits);
    }
  }
}

TEST(Synth, SaysThatItIsSynthetic) {
  const Trace trace = synthesise(small_list(), {});
  EXPECT_EQ(trace.synthetic_seed, 7U);
  EXPECT_EQ(trace.activations, "synthetic, seed 7");
  EXPECT_EQ(trace.history, "synth small: seed 7, batch 1, 8 bits");
}

TEST(Synth, TheSameSeedDrawsTheSame) {
  const Trace once = synthesise(small_list(), {}), again = synthesise(small_list(), {});
  for (std::size_t i = 0; i < once.layers.size(); ++i)
    EXPECT_TRUE(same_operands(once.layers[i], again.layers[i])) << once.layers[i].name;
}

// Dense values of 254 possible ones agree by chance in 1 of 254 places, however the streams are shifted.
TEST(Synth, NeighbouringSeedsShareNothing) {
  SynthOptions options;
  options.weight_density = 1;
  const auto weights = [&](std::uint64_t seed) {
    options.seed = seed;
    return decode(synthesise(small_list(), options).layers[0].weights);
  };
  const std::vector<std::int16_t> one = weights(1);
  for (std::uint64_t seed = 2; seed < 8; ++seed) {
    const std::vector<std::int16_t> other = weights(seed);
    for (std::size_t lag = 0; lag < 4; ++lag) {
      const std::size_t places = one.size() - lag;
      std::size_t equal = 0, equal_back = 0;
      for (std::size_t i = 0; i < places; ++i) {
        equal += one[i] == other[i + lag] ? 1 : 0;
        equal_back += one[i + lag] == other[i] ? 1 : 0;
      }
      EXPECT_LT(std::max(equal, equal_back), places / 20) << "seed " << seed << ", lag " << lag;
    }
  }
}

TEST(Synth, ALayersDrawDoesNotDependOnOthers) {
  const SynthList whole = small_list();
  SynthList part = whole;
  part.layers.erase(part.layers.begin() + 1);
  const Trace all = synthesise(whole, {}), some = synthesise(part, {});
  EXPECT_TRUE(same_operands(all.layers[0], some.layers[0]));
  EXPECT_TRUE(same_operands(all.layers[2], some.layers[1]));
  EXPECT_TRUE(same_operands(all.layers[3], some.layers[2]));
}

// As an independent reckoning of SplitMix64 and FNV-1a gives them: the same on any machine, in any later
// version.
TEST(Synth, DrawsAreKnownValues) {
  SynthOptions options;
  options.weight_density = 1;
  const std::vector<std::int16_t> drawn = decode(synthesise(small_list(), options).layers[0].weights);
  EXPECT_EQ(std::vector<std::int16_t>(drawn.begin(), drawn.begin() + 8),
            (std::vector<std::int16_t>{-66, 67, 126, -92, 89, 104, 84, -1}));
}

TEST(Synth, NonZerosLieEverywhere) {
  SynthList list = small_list();
  list.layers = {list.layers[3]};
  list.layers[0].density.ifmap = 0.25;
  std::vector<int> hits(600);
  constexpr int seeds = 400;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SynthOptions options;
    options.seed = seed;
    const std::vector<std::int16_t> ifmap = decode(synthesise(list, options).layers[0].ifmap);
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i] += ifmap[i] != 0 ? 1 : 0;
  }
  // Binomial: mean 100, deviation sqrt(400 * 0.25 * 0.75) = 8.7; five deviations either way.
  const auto [least, most] = std::minmax_element(hits.begin(), hits.end());
  EXPECT_GT(*least, 100 - 44);
  EXPECT_LT(*most, 100 + 44);
}

TEST(Synth, ValuesFillTheirRange) {
  for (const auto& [bits, greatest] : {std::pair{4, 7}, {8, 127}, {16, 2047}}) {
    SynthOptions options;
    options.bits = bits;
    options.weight_density = options.ifmap_density = 1;
    options.batch = 8;
    const Trace trace = synthesise(small_list(), options);
    for (const Layer& layer : trace.layers) {
      const std::vector<std::int16_t> weights = decode(layer.weights), ifmap = decode(layer.ifmap);
      for (const auto* values : {&weights, &ifmap}) {
        const auto [low, high] = std::minmax_element(values->begin(), values->end());
        EXPECT_LE(*high, greatest);
        EXPECT_GE(*low, -greatest);
        EXPECT_GT(*high, greatest * 0.9) << layer.name;
      }
      const bool first = &layer == &trace.layers.front();
      EXPECT_EQ(std::any_of(ifmap.begin(), ifmap.end(), [](int v) { return v < 0; }), first) << layer.name;
      // Uniform in -g..g: the mean's deviation is g / sqrt(3 n); five of them.
      const double mean =
          std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
      EXPECT_LT(std::fabs(mean), 5 * greatest / std::sqrt(3.0 * static_cast<double>(weights.size())));
    }
  }
}

TEST(Synth, OverridesBatchBitsSeedAndDensities) {
  SynthOptions options;
  options.seed = 9;
  options.batch = 3;
  options.bits = 16;
  options.weight_density = 0.5;
  options.ifmap_density = 0.25;
  const Trace trace = synthesise(small_list(), options);
  EXPECT_EQ(trace.synthetic_seed, 9U);
  EXPECT_EQ(trace.history, "synth small: seed 9, batch 3, 16 bits, weight density 0.5, ifmap density 0.25");
  for (const Layer& layer : trace.layers) {
    EXPECT_EQ(layer.shape.N, 3);
    EXPECT_EQ(layer.ifmap.extent.outer, 3);
    EXPECT_EQ(layer.ifmap.dtype, Dtype::int16);
    EXPECT_EQ(layer.output.dtype, Dtype::int16);
    EXPECT_EQ(nonzeros(layer.weights), share(0.5, layer.weights.extent.positions()));
    EXPECT_EQ(nonzeros(layer.ifmap), share(0.25, layer.ifmap.extent.positions()));
  }
}

TEST(Synth, TheBatchLeavesTheWeightsAlone) {
  SynthOptions options;
  options.batch = 5;
  const Trace one = synthesise(small_list(), {}), five = synthesise(small_list(), options);
  for (std::size_t i = 0; i < one.layers.size(); ++i)
    EXPECT_EQ(decode(one.layers[i].weights), decode(five.layers[i].weights));
}

// A bitmap of 8-bit values gains where 1 + 8 d < 8, so below a density of 7/8.
TEST(Synth, WeightsAreABitmapWhereThatIsSmaller) {
  const auto encoding = [](double density) {
    SynthOptions options;
    options.weight_density = density;
    return synthesise(small_list(), options).layers[1].weights.encoding;
  };
  EXPECT_EQ(encoding(0.86), &bitmap_encoding);
  EXPECT_EQ(encoding(0.89), &dense_encoding);
}

TEST(Synth, ReachesEveryOfmapDensity) {
  for (const int bits : {4, 8, 16}) {
    for (const double asked : {0.0, 0.01, 0.1, 0.5, 0.9, 1.0}) {
      SynthList list = small_list();
      for (SynthLayer& layer : list.layers) layer.density.ofmap = asked;
      SynthOptions options;
      options.bits = bits;
      options.batch = 4;
      const Trace trace = synthesise(list, options);
      for (const Layer& layer : trace.layers)
        EXPECT_NEAR(ofmap_density(layer), asked, 0.02 * asked) << layer.name << ", " << bits << " bits";
    }
  }
}

// Four-bit products of sparse operands: two thirds of the sums are zero, so the quantile is a tie.
TEST(Synth, SplitsTiesAmongFilters) {
  SynthList list = parse_synth(
      "{name: ties, bits: 4, density: {weights: 0.3, ifmap: 0.3, ofmap: 0.4},"
      " layers: [{name: l, C: 4, H: 16, K: 64, R: 1}]}",
      "ties.yaml");
  EXPECT_NEAR(ofmap_density(synthesise(list, {}).layers[0]), 0.4, 0.4 * 0.02);
  list.layers[0].density.ifmap = 0;  // every sum is zero: 0.4 * 64 = 25.6, so 26 of 64 filters pass
  EXPECT_DOUBLE_EQ(ofmap_density(synthesise(list, {}).layers[0]), 26.0 / 64);
}

// With an ofmap density the greatest output is the greatest of its type and almost alone in that.
TEST(Synth, OutputsFillTheirTypeAndDoNotSaturate) {
  for (const int bits : {8, 16}) {
    for (const bool asked : {true, false}) {
      SynthList list = small_list();
      for (SynthLayer& layer : list.layers) layer.density.ofmap = asked ? std::optional(0.4) : std::nullopt;
      SynthOptions options;
      options.bits = bits;
      options.batch = 4;
      for (const Layer& layer : synthesise(list, options).layers) {
        const std::vector<std::int16_t> outputs = requantise(layer, run_golden(layer));
        const std::int16_t most = *std::max_element(outputs.begin(), outputs.end());
        const auto at_most = std::count(outputs.begin(), outputs.end(),
                                        static_cast<std::int16_t>(highest(layer.output.dtype)));
        EXPECT_LT(at_most, std::ssize(outputs) / 50 + 1) << layer.name;
        EXPECT_GT(most, highest(layer.output.dtype) / 3) << layer.name;
        if (asked) { EXPECT_EQ(most, highest(layer.output.dtype)) << layer.name; }
        EXPECT_EQ(layer.bias.empty(), !asked);
      }
    }
  }
}

// The run behind `basil selftest eyeriss-alexnet`: batch 4, 16 bits.
TEST(Synth, AlexNetHasThePublishedDensities) {
  SynthOptions options;
  options.batch = 4;
  const SynthList list = read_synth(shipped("alexnet"));
  const Trace trace = synthesise(list, options);
  const double ifmap[] = {0.999, 0.6, 0.275, 0.207, 0.23}, ofmap[] = {0.378, 0.169, 0.303, 0.304, 0.10};
  ASSERT_EQ(trace.layers.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    const Layer& layer = trace.layers[i];
    const std::int64_t positions = layer.ifmap.extent.positions();
    EXPECT_EQ(layer.name, "CONV" + std::to_string(i + 1));
    EXPECT_EQ(layer.weights.dtype, Dtype::int16);
    EXPECT_EQ(layer.weights.encoding, &dense_encoding);
    EXPECT_EQ(nonzeros(layer.weights), layer.weights.extent.positions());
    EXPECT_EQ(nonzeros(layer.ifmap), share(ifmap[i], positions));
    EXPECT_NEAR(ofmap_density(layer), ofmap[i], 0.02 * ofmap[i]) << layer.name;
  }
}

struct Published {
  const char* name;
  std::size_t layers;
  double macs, within;  // multiply-accumulates of the convolutions at batch 1, and how exactly they are known
};

// AlexNet: 105.4 + 223.9 + 149.5 + 112.1 + 74.8 M; the others as commonly quoted with their papers, less fc.
constexpr Published networks[] = {{"alexnet", 5, 665.8e6, 0.001},
                                  {"vgg16", 13, 15.35e9, 0.002},
                                  {"resnet18", 20, 1.81e9, 0.005},
                                  {"mobilenetv2", 52, 300e6, 0.005}};

TEST(Synth, ShippedListsHaveThePublishedMacs) {
  for (const Published& network : networks) {
    const SynthList list = read_synth(shipped(network.name));
    EXPECT_EQ(list.name, network.name);
    EXPECT_FALSE(list.source.empty());
    EXPECT_EQ(list.layers.size(), network.layers);
    double macs = 0;
    for (const SynthLayer& layer : list.layers) macs += static_cast<double>(layer.shape.macs());
    EXPECT_NEAR(macs, network.macs, network.macs * network.within) << network.name;
  }
}

// Each layer's ifmap has the channels that the layer before it made (resnet18's shortcuts aside) and the
// rows that it made, or half of them where a network pools.
TEST(Synth, ShippedListsChain) {
  for (const char* name : {"alexnet", "vgg16", "mobilenetv2"}) {
    const SynthList list = read_synth(shipped(name));
    for (std::size_t i = 1; i < list.layers.size(); ++i) {
      const LayerShape &before = list.layers[i - 1].shape, &here = list.layers[i].shape;
      EXPECT_EQ(here.C, before.K) << name << " " << list.layers[i].name;
      EXPECT_TRUE(here.H == before.P() || here.H == before.P() / 2) << name << " " << list.layers[i].name;
    }
  }
}

TEST(Synth, ShippedListsMakeValidTraces) {
  for (const char* name : {"alexnet", "resnet18", "mobilenetv2"}) {
    SynthOptions options;
    options.batch = 1;
    const Trace trace = synthesise(read_synth(shipped(name)), options);
    EXPECT_NO_THROW(check(trace)) << name;
    EXPECT_TRUE(trace.synthetic());
  }
}

std::string complaint(const SynthOptions& options) {
  try {
    (void)synthesise(small_list(), options);
  } catch (const Error& error) { return error.what(); }
  return "none";
}

TEST(Synth, RefusesOptionsOutOfRange) {
  SynthOptions bits, batch, weights, ifmap;
  bits.bits = 5;
  batch.batch = 0;
  weights.weight_density = 1.5;
  ifmap.ifmap_density = std::nan("");
  EXPECT_EQ(complaint(bits), "bits: 5, expected 4, 8 or 16");
  EXPECT_EQ(complaint(batch), "batch: 0, expected 1 to 1024");
  EXPECT_EQ(complaint(weights), "weight density: 1.5, expected a number from 0 to 1");
  EXPECT_EQ(complaint(ifmap), "ifmap density: nan, expected a number from 0 to 1");
}

// An image has 3 x 2^20 outputs, which fits; 1024 images have 3 x 2^30, over the 2^31 of a tensor.
TEST(Synth, RefusesABatchThatMakesALayerTooLarge) {
  const SynthList list =
      parse_synth("{name: n, layers: [{name: wide, C: 1, H: 1, W: 1048576, K: 3, R: 1}]}", "n.yaml");
  SynthOptions options;
  options.batch = 1024;
  EXPECT_THROW((void)synthesise(list, options), Error);
}

}  // namespace
}  // namespace basil
