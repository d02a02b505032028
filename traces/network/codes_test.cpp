// Networks that carry their own integers: the file, and what compression keeps of them.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "traces/compress/compress.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/file/trace_file.h"
#include "traces/golden/requantise.h"
#include "traces/network/real_numbers.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using testing::Scratch;

DenseNetwork through_a_file(const DenseNetwork& network) {
  const Scratch folder;
  write_dense_network(network, folder / "n.npz");
  return read_dense_network(folder / "n.npz");
}

Trace through_a_file(const Trace& trace) {
  const Scratch folder;
  write_trace(trace, folder / "t.npz");
  return read_trace(folder / "t.npz");
}

TEST(OwnIntegers, ComeBackAsTheyWereWritten) {
  const DenseNetwork network = testing::coded_network(), read = through_a_file(network);
  ASSERT_EQ(read.layers.size(), network.layers.size());
  for (std::size_t i = 0; i < read.layers.size(); ++i) {
    const DenseLayer &a = read.layers[i], &b = network.layers[i];
    SCOPED_TRACE(b.name);
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_EQ(a.codes, b.codes);
    EXPECT_EQ(a.bias, b.bias);
    EXPECT_EQ(a.bias_sums, b.bias_sums);
    EXPECT_EQ(a.activation_dtype, b.activation_dtype);
    EXPECT_EQ(a.activation_zero_point, b.activation_zero_point);
    EXPECT_EQ(a.ifmap, b.ifmap);
    EXPECT_EQ(a.output, b.output);
    EXPECT_TRUE(a.weights.empty());
  }
}

// int8 weights stay int8; int4 stay int4; uint4 with a zero point of 8 are int4 once that is taken away; an
// input of int8 from -128 on becomes 0 to 255, and one with a zero point between takes 9 bits.
TEST(OwnIntegers, AreKeptWithTheirWidths) {
  const DenseNetwork network = testing::coded_network();
  const Compressed kept = compress(network, default_recipe_of(network));
  EXPECT_EQ(kept.trace.history, "keep the network's own integers");
  const auto& layers = kept.trace.layers;
  EXPECT_EQ(layers[0].weights.dtype, Dtype::int8);
  EXPECT_EQ(layers[0].ifmap.dtype, Dtype::int9);
  EXPECT_EQ(layers[1].weights.dtype, Dtype::int4);
  EXPECT_EQ(layers[1].ifmap.dtype, Dtype::uint8);
  EXPECT_EQ(layers[2].weights.dtype, Dtype::int4);
  EXPECT_EQ(layers[2].ifmap.dtype, Dtype::int16);
  EXPECT_EQ(layers[2].weights.codes, (Codes{Dtype::uint4, {8}}));
  EXPECT_EQ(layers[0].ifmap.codes, (Codes{Dtype::int8, {-5}}));
  EXPECT_FALSE(layers[2].ifmap.codes);
  for (const CompressedLayer& row : kept.rows) EXPECT_TRUE(row.kept);
}

// Whatever the encoding, the codes can be written back bit for bit.
TEST(OwnIntegers, ComeOutOfATraceAsTheyWentIn) {
  const DenseNetwork network = testing::coded_network();
  for (const char* encoding : {"dense", "bitmap", "run_length"}) {
    SCOPED_TRACE(encoding);
    const Trace trace = through_a_file(
        compress(network, parse_recipe(std::string("steps: [encode: ") + encoding + "]", "r")).trace);
    for (std::size_t i = 0; i < trace.layers.size(); ++i) {
      const DenseLayer& original = network.layers[i];
      const Layer& layer = trace.layers[i];
      const auto codes = [](const Operand& operand) {
        std::vector<std::int16_t> values = decode(operand);
        const std::size_t outer = values.size() / static_cast<std::size_t>(operand.extent.outer);
        for (std::size_t v = 0; operand.codes && v < values.size(); ++v)
          values[v] =
              static_cast<std::int16_t>(values[v] + operand.codes->zero_point(static_cast<int>(v / outer)));
        return values;
      };
      EXPECT_EQ(codes(layer.weights), original.codes->values);
      EXPECT_EQ(codes(layer.ifmap), original.ifmap);
      EXPECT_EQ(layer.weights.scales, original.codes->scales);
      EXPECT_EQ(layer.output, original.output.value_or(layer.output));
    }
  }
}

// Sums of (weight - its zero point) x (word - its zero point), words off the edge being no term of the sum.
TEST(OwnIntegers, AddUpWithPaddingAtTheZeroPoint) {
  const DenseNetwork network = testing::coded_network();
  const DenseLayer& conv = network.layers[0];
  const LayerShape& s = conv.shape;
  const Ofmap ofmap = run_golden(compress(network, default_recipe_of(network)).trace.layers[0]);
  const auto code = [&](int k, int r, int c, int d) {
    const auto at = static_cast<std::size_t>(((k * s.R + r) * s.S + c) * s.C + d);
    return conv.codes->values[at] - conv.codes->zero_point(static_cast<std::size_t>(k));
  };
  for (int p = 0; p < s.P(); ++p) {
    for (int q = 0; q < s.Q(); ++q) {
      for (int k = 0; k < s.K; ++k) {
        std::int64_t sum = conv.bias_sums[static_cast<std::size_t>(k)];
        for (int r = 0; r < s.R; ++r) {
          for (int c = 0; c < s.S; ++c) {
            const int y = p - s.pad_top + r, x = q - s.pad_left + c;
            if (y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
            for (int d = 0; d < s.C; ++d)
              sum += code(k, r, c, d) * (conv.ifmap[static_cast<std::size_t>((y * s.W + x) * s.C + d)] -
                                         conv.activation_zero_point);
          }
        }
        ASSERT_EQ(ofmap.sums[ofmap.at(0, p, q, k)], sum) << p << " " << q << " " << k;
      }
    }
  }
}

TEST(OwnIntegers, CanBeCompressedAgain) {
  const DenseNetwork network = testing::coded_network();
  const Compressed again = compress(
      network, parse_recipe("steps: [prune: {method: magnitude, ratio: 0.5, layers: w4}, quantise: {bits: "
                            "8, layers: conv}, encode: bitmap]",
                            "r"));
  EXPECT_FALSE(again.rows[0].kept);
  EXPECT_LT(again.rows[0].output_error, 0.01);
  EXPECT_EQ(again.trace.layers[0].ifmap.codes, (Codes{Dtype::int8, {-5}}));
  const Layer& pruned = again.trace.layers[1];  // half of them zero, the rest as they were
  EXPECT_EQ(pruned.weights.dtype, Dtype::int4);
  EXPECT_EQ(pruned.weights.scales, network.layers[1].codes->scales);
  const std::vector<std::int16_t> left = decode(pruned.weights);
  EXPECT_GE(std::ranges::count(left, 0), static_cast<std::ptrdiff_t>(left.size() / 2));
  for (std::size_t i = 0; i < left.size(); ++i)
    EXPECT_TRUE(left[i] == 0 || left[i] == network.layers[1].codes->values[i]);
  EXPECT_GT(again.rows[1].output_error, 0);
}

// K, R, S and C of one length each: only the file's word tells them apart.
TEST(OwnIntegers, LieAsTheirAxesSay) {
  DenseNetwork network;
  network.name = "cube";
  network.layers.push_back(
      testing::sample_layer("conv", &conv_kind, {.C = 3, .H = 4, .W = 4, .K = 3, .R = 3, .S = 3}));
  network.layers[0].bias.clear();
  const Scratch folder;
  write_dense_network(network, folder / "n.npz");
  NpzReader file(folder / "n.npz");
  testing::Members members;
  for (const std::string& name : file.unread()) members[name] = file.read(name, 1 << 20, name);
  nlohmann::json json = nlohmann::json::parse(members.at("network.json"));
  ASSERT_EQ(json["layers"][0]["weight_axes"], "KCRS");
  const NpyArray weights =
      NpyArray::of(std::span<const float>(network.layers[0].weights), {3, 3, 3, 3});  // K, R, S, C
  members["conv.weight.npy"] = weights.member();
  const auto read = [&](const std::string& axes) {
    json["layers"][0]["weight_axes"] = axes;
    members["network.json"] = json.dump();
    testing::store(folder / "m.npz", testing::zip_of(members));
    return read_dense_network(folder / "m.npz").layers[0].weights;
  };
  EXPECT_EQ(read("KRSC"), network.layers[0].weights);
  EXPECT_NE(read("KCRS"), network.layers[0].weights);
  try {
    (void)read("KCRR");
    ADD_FAILURE() << "read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what())
                  .find("layer conv: weight_axes: 'KCRR', expected the letters KCRS in the "
                        "order of the array's axes"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace basil
