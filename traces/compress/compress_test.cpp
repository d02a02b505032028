#include "traces/compress/compress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/golden/requantise.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

Compressed compress_by(const std::string& steps) {
  return compress(testing::sample_network(), parse_recipe("steps: [" + steps + "]", "r.yaml"));
}

std::string refusal(const DenseNetwork& network, const Recipe& recipe) {
  try {
    (void)compress(network, recipe);
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

const Layer& layer_of(const Compressed& compressed, const std::string& name) {
  return *std::find_if(compressed.trace.layers.begin(), compressed.trace.layers.end(),
                       [&](const Layer& layer) { return layer.name == name; });
}

TEST(Compress, ListsEveryLayerAndReportsThoseWithWeights) {
  const Compressed compressed = compress(testing::sample_network(), default_recipe());
  ASSERT_EQ(compressed.trace.layers.size(), 5U);
  ASSERT_EQ(compressed.rows.size(), 3U);
  EXPECT_EQ(compressed.trace.activations, "made up");
  EXPECT_EQ(compressed.trace.licence, "Apache-2.0");
  EXPECT_EQ(compressed.trace.history, "quantise to int8 a channel");
  EXPECT_EQ(layer_of(compressed, "pool").kind, &pool_kind);
  EXPECT_TRUE(layer_of(compressed, "conv").output.relu);
  EXPECT_EQ(layer_of(compressed, "depthwise").output.dtype, Dtype::uint8);
}

TEST(Compress, TakesTheBitmapWhereItIsSmallerUnlessTold) {
  EXPECT_EQ(compress_by("").rows[0].encoding, &dense_encoding);
  const std::string prune = "{prune: {method: magnitude, ratio: 0.5}}";
  EXPECT_EQ(compress_by(prune).rows[0].encoding, &bitmap_encoding);
  EXPECT_EQ(compress_by(prune + ", {encode: dense}").rows[0].encoding, &dense_encoding);
  EXPECT_EQ(compress_by("{encode: bitmap}").rows[0].encoding, &bitmap_encoding);
  const Compressed mixed = compress_by("{encode: run_length}, {encode: {as: dense, layers: 'f*'}}");
  EXPECT_EQ(mixed.rows[0].encoding, &run_length_encoding);
  EXPECT_EQ(mixed.rows[2].encoding, &dense_encoding);
}

TEST(Compress, QuantisesTheLayersNamedAndTheOthersToInt8) {
  const Compressed mixed = compress_by(
      "{quantise: {bits: 16}}, {quantise: {bits: 4, per: layer, layers: fc}}, "
      "{quantise: {bits: fp32, layers: dep*}}");
  EXPECT_EQ(mixed.rows[0].dtype, Dtype::int16);
  EXPECT_EQ(mixed.rows[1].dtype, Dtype::fp32);
  EXPECT_EQ(mixed.rows[2].dtype, Dtype::int4);
  EXPECT_EQ(compress_by("{quantise: {bits: 4, layers: fc}}").rows[0].dtype, Dtype::int8);
}

// 60 weights of 12 filters: bytes = weights + maps + 4 a scale + 4 a bias.
TEST(Compress, CountsEveryByte) {
  DenseNetwork network{.name = "one", .source = {}, .licence = {}, .activations = {}, .layers = {}};
  network.layers.push_back(testing::sample_layer("fc", &fc_kind, {.C = 5, .K = 12}));
  const auto bytes = [&](const std::string& steps) {
    return compress(network, parse_recipe("steps: [" + steps + "]", "r.yaml")).rows[0].compressed.value;
  };
  EXPECT_EQ(bytes("{encode: dense}"), 60 + 4 * 12 + 4 * 12);
  EXPECT_EQ(bytes("{quantise: {bits: 4, per: layer}}, {encode: dense}"), 30 + 4 + 4 * 12);
  EXPECT_EQ(bytes("{quantise: {bits: fp32}}, {encode: dense}"), 4 * 60 + 4 * 12);
  EXPECT_EQ(bytes("{prune: {method: magnitude, ratio: 0.75}}, {encode: bitmap}"), 15 + 8 + 4 * 12 + 4 * 12);
  const CompressedLayer row = compress(network, default_recipe()).rows[0];
  EXPECT_EQ(row.dense.value, 4 * 60 + 4 * 12);
  EXPECT_DOUBLE_EQ(row.ratio(), 288.0 / static_cast<double>(row.compressed.value));
}

TEST(Compress, PrunesToTheRatioExactly) {
  const Compressed half = compress_by("{prune: {method: magnitude, ratio: 0.5}}, {quantise: {bits: fp32}}");
  for (const CompressedLayer& row : half.rows) EXPECT_NEAR(row.density, 0.5, 0.02) << row.name;
  const Compressed all = compress_by("{prune: {method: filters, ratio: 1}}");
  for (const CompressedLayer& row : all.rows) EXPECT_EQ(row.density, 0) << row.name;
  EXPECT_NEAR(all.rows[1].output_error, 1, 1e-12);  // no bias: nothing is left of the output
}

// Weights, biases and inputs already on an int8 grid whose step is a power of two.
TEST(Compress, LosesNothingOnTheGrid) {
  DenseNetwork network = testing::sample_network();
  for (DenseLayer& layer : network.layers) {
    if (!layer.simulated()) continue;
    const std::int64_t size = layer.shape.reduction();
    for (std::size_t i = 0; i < layer.weights.size(); ++i)
      layer.weights[i] =
          static_cast<std::int64_t>(i) % size == 0 ? 127.0F / 64 : std::nearbyint(layer.weights[i] * 64) / 64;
    for (float& bias : layer.bias) bias = std::nearbyint(bias * 256) / 256;
  }
  for (const char* steps : {"", "{quantise: {bits: 8, per: layer}}", "{quantise: {bits: fp32}}"}) {
    const Recipe recipe = parse_recipe(std::string("steps: [") + steps + "]", "r.yaml");
    for (const CompressedLayer& row : compress(network, recipe).rows)
      EXPECT_EQ(row.output_error, 0) << row.name;
  }
}

TEST(Compress, FewerBitsLoseMore) {
  const auto error = [](const std::string& bits) {
    return compress_by("{quantise: {bits: " + bits + "}}").rows[0].output_error;
  };
  EXPECT_GT(error("4"), 5 * error("8"));
  EXPECT_GT(error("8"), 50 * error("16"));
  EXPECT_EQ(error("fp32"), 0);
}

// The greatest output meets the end of the dtype, and none saturates.
TEST(Compress, SpreadsTheOutputsOverTheDtype) {
  const Compressed compressed = compress(testing::sample_network(), default_recipe());
  for (const Layer& layer : compressed.trace.layers) {
    if (!layer.simulated()) continue;
    const std::vector<std::int16_t> outputs = requantise(layer, run_golden(layer));
    const auto [low, high] = std::minmax_element(outputs.begin(), outputs.end());
    EXPECT_EQ(std::max(-*low, int{*high}), highest(layer.output.dtype)) << layer.name;
  }
}

TEST(Compress, RefusesWhatNamesNothing) {
  const Recipe recipe = parse_recipe("steps:\n  - encode: {as: bitmap, layers: cov*}", "r.yaml");
  EXPECT_EQ(
      refusal(testing::sample_network(), recipe),
      "r.yaml:2:34: steps[0].encode.layers: 'cov*' names no layer, expected a glob over conv depthwise fc");
  EXPECT_EQ(
      refusal(testing::sample_network(), parse_recipe("steps: [{encode: {as: dense, layers: pool}}]", "r")),
      "r:1:38: steps[0].encode.layers: 'pool' names no layer, expected a glob over conv depthwise fc");
  DenseNetwork none = testing::sample_network();
  std::erase_if(none.layers, [](const DenseLayer& layer) { return layer.simulated(); });
  EXPECT_EQ(refusal(none, default_recipe()),
            "sample: no layer with weights, expected a conv, dwconv or fc layer");
}

TEST(Compress, DescribesWhatItDid) {
  const std::vector<CompressedLayer> rows{
      {"conv1", &bitmap_encoding, Dtype::int8, true, 0.25, Bytes(4000), Bytes(400), 0.1, 0.0125},
      {"signs", &binary_encoding, Dtype::int16, true, 1, Bytes(320), Bytes(30), 0.5, 0.75},
      {"words", &comparator_encoding, Dtype::int4, true, 0.5, Bytes(320), Bytes(40), {}, 0.75},
      {"a_long_name", &dense_encoding, Dtype::fp32, false, 1, Bytes(40), Bytes(40), 0, 0}};
  EXPECT_EQ(
      describe(rows),
      "layer        encoding      bits scales   density       bytes  smaller  weights error  output error\n"
      "conv1        bitmap           8 channel   25.0 %         400   10.0 x       10.000 %       1.250 %\n"
      "signs        binary           1 channel  100.0 %          30   10.7 x       50.000 %      75.000 %\n"
      "words        comparator       4 channel   50.0 %          40    8.0 x              -      75.000 %\n"
      "a_long_name  dense         fp32 -        100.0 %          40    1.0 x        0.000 %       0.000 %\n"
      "all                                                      510    9.2 x  against fp32\n");
  EXPECT_EQ(
      to_json(rows)[0].dump(),
      R"({"layer":"conv1","encoding":"bitmap","dtype":"int8","bits":8,"per":"channel","kept":false,"density":0.25,)"
      R"("dense_bytes":4000,"compressed_bytes":400,"ratio":10.0,"weights_error":0.1,"output_error":0.0125})");
  EXPECT_EQ(to_json(rows)[1]["bits"], 1);
  EXPECT_TRUE(to_json(rows)[2]["weights_error"].is_null());
}

// traces/samples/lenet.npz is what its recipe makes of digits-lenet.npz, member by member.
TEST(Compress, MakesTheSampleThatShips) {
  const std::filesystem::path samples = std::filesystem::path(BASIL_SOURCE_DIR) / "traces/samples";
  const Compressed compressed =
      compress(read_dense_network(samples / "digits-lenet.npz"), read_recipe(samples / "lenet.yaml"));
  const testing::Members made = testing::members_of(compressed.trace);
  NpzReader shipped(samples / "lenet.npz");
  for (const auto& [name, bytes] : made) EXPECT_TRUE(shipped.read(name, 1 << 20, name) == bytes) << name;
  EXPECT_TRUE(shipped.unread().empty());
}

TEST(Compress, StatesWeightsInEveryWayOfTheSampleRecipe) {
  const std::filesystem::path samples = std::filesystem::path(BASIL_SOURCE_DIR) / "traces/samples";
  const Compressed compressed =
      compress(read_dense_network(samples / "digits-lenet.npz"), read_recipe(samples / "encodings.yaml"));
  ASSERT_EQ(compressed.rows.size(), 4U);
  const Encoding encodings[] = {&power_of_two_encoding, &basis_encoding, &power_of_two_encoding,
                                &binary_encoding};
  const double errors[] = {0.1, 0.5, 0.1, 0.9};  // of the outputs; the weights were not trained for this
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(compressed.rows[i].encoding, encodings[i]);
    EXPECT_LT(compressed.rows[i].output_error, errors[i]) << compressed.rows[i].name;
    EXPECT_GT(compressed.rows[i].ratio(), 2.5) << compressed.rows[i].name;
  }
}

// fc, 12 filters of 5: codes of 4 bits and 2 bits of terms a filter; signs and thresholds of 16 bits. conv, 4
// filters of 3 x 3 x 2: kernels of 8 bits, a bit of map a coefficient and a sign for each set; offsets of 4
// bits and codes of 4. Scales and biases 4 bytes each.
TEST(Compress, CountsEveryBitOfWhatItFits) {
  DenseNetwork network{.name = "two", .source = {}, .licence = {}, .activations = {}, .layers = {}};
  network.layers.push_back(testing::sample_layer("fc", &fc_kind, {.C = 5, .K = 12}));
  network.layers.push_back(
      testing::sample_layer("conv", &conv_kind, {.C = 2, .H = 5, .W = 5, .K = 4, .R = 3, .S = 3}));
  const auto row = [&](const std::string& step, std::size_t layer) {
    return compress(network, parse_recipe("steps: [{" + step + "}]", "r.yaml")).rows[layer];
  };
  const auto bytes = [&](const std::string& step, std::size_t layer) {
    return row(step, layer).compressed.value;
  };
  EXPECT_EQ(bytes("power_of_two: {terms: 2}", 0), (60 * 2 * 4 + 12 * 2) / 8 + 8 * 12);
  EXPECT_EQ(bytes("power_of_two: {terms: 1, per: layer}", 0), (60 * 4 + 12 * 2 + 7) / 8 + 4 + 4 * 12);
  EXPECT_EQ(bytes("binary: {}", 0), (60 + 5 * 16 + 7) / 8 + 8 * 12);
  EXPECT_EQ(bytes("comparator: {}", 1), (2 * 5 * 4 + 4 * 2 * 4) / 8 + 8 * 4);
  const CompressedLayer basis = row("basis: {}", 1);
  const int coefficients = 4 * 6 * 2;
  const auto set = static_cast<int>(std::lround(basis.density * coefficients));
  EXPECT_EQ(basis.compressed.value, (6 * 9 * 8 + coefficients + set + 7) / 8 + 8 * 4);
  EXPECT_FALSE(row("comparator: {}", 1).weights_error.has_value());
  EXPECT_EQ(row("basis: {}", 0).encoding, &dense_encoding);
}

TEST(Compress, LetsTheLaterOfTheStepsThatStateWeightsHold) {
  EXPECT_EQ(compress_by("{power_of_two: {}}, {quantise: {bits: 16}}").rows[0].encoding, &dense_encoding);
  EXPECT_EQ(compress_by("{quantise: {bits: 16}}, {power_of_two: {}}").rows[0].encoding,
            &power_of_two_encoding);
  const Compressed mixed = compress_by("{quantise: {bits: 16}}, {basis: {}}, {encode: run_length}");
  EXPECT_EQ(mixed.rows[0].encoding, &basis_encoding);
  EXPECT_EQ(mixed.rows[1].encoding, &run_length_encoding);
  EXPECT_EQ(mixed.rows[1].dtype, Dtype::int16);
  EXPECT_EQ(mixed.trace.history,
            "quantise to int16 a channel; basis kernels, 2 of 3 layers left; "
            "encode as run_length");
}

class CompressRealNetwork : public ::testing::TestWithParam<std::string> {};

TEST_P(CompressRealNetwork, AtBatchOneAndFour) {
  const std::filesystem::path file = testing::real_network(GetParam());
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file << ": it is not shipped with the project";
  const DenseNetwork network = read_dense_network(file);
  for (const int images : {1, 4}) {
    const Compressed compressed = compress(with_batch(network, images), default_recipe());
    check(compressed.trace);
    EXPECT_EQ(compressed.trace.layers.size(), network.layers.size());
    for (const Layer& layer : compressed.trace.layers) EXPECT_EQ(layer.shape.N, images) << layer.name;
    for (const CompressedLayer& row : compressed.rows) {
      EXPECT_LT(row.output_error, 0.06) << row.name;
      EXPECT_GE(row.ratio(), 2) << row.name;
    }
  }
}

// Every layer in every encoding that can take it, and what that may cost without training.
TEST_P(CompressRealNetwork, InEveryEncoding) {
  const std::filesystem::path file = testing::real_network(GetParam());
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file << ": it is not shipped with the project";
  const DenseNetwork network = read_dense_network(file);
  const std::pair<Encoding, double> greatest_mean_errors[] = {{&power_of_two_encoding, 0.04},
                                                              {&basis_encoding, 0.6},
                                                              {&comparator_encoding, 0.6},
                                                              {&binary_encoding, 0.8}};
  for (const auto& [encoding, greatest] : greatest_mean_errors) {
    const Compressed compressed = compress(network, default_recipe_for(encoding));
    check(compressed.trace);
    double mean = 0;
    for (const CompressedLayer& row : compressed.rows)
      mean += row.output_error / static_cast<double>(compressed.rows.size());
    EXPECT_LT(mean, greatest) << to_string(encoding);
  }
}

INSTANTIATE_TEST_SUITE_P(Data, CompressRealNetwork, ::testing::ValuesIn(testing::real_networks()),
                         [](const auto& network) {
                           std::string name = network.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace basil
