#include "traces/tflite/import.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "traces/compress/compress.h"
#include "traces/encodings/encode.h"
#include "traces/golden/requantise.h"
#include "traces/tflite/model_builder.h"

namespace basil {
namespace {

namespace model = testing::model;
using testing::Scratch;
using testing::TfliteBuilder;
using Codes8 = std::vector<std::int8_t>;
using Words = std::vector<std::int16_t>;

constexpr auto int8 = model::TensorType_INT8;

template <class T>
void save_npy(const std::filesystem::path& file, const std::vector<T>& elements,
              const std::vector<std::int64_t>& shape) {
  testing::store(file, NpyArray::of(std::span<const T>(elements), shape).member());
}

TfliteNetwork import_bytes(const std::string& bytes, const Scratch& folder,
                           const TfliteOptions& options = {}) {
  testing::store(folder / "m.tflite", bytes);
  return read_tflite(folder / "m.tflite", options);
}

std::string refusal(const std::string& bytes) {
  const Scratch folder;
  try {
    (void)import_bytes(bytes, folder);
  } catch (const Error& error) {
    const std::string text = error.what();
    return text.substr(text.find("m.tflite: ") + 10);
  }
  return "accepted";
}

// Codes 5 and 2 about 1 are 4 and 1: 4 + 3 x 4 - 2 x 1 = 14 steps of 0.125, about -3. The factor is
// 0.5 x 0.25 / 0.125 = 1 = 2^30 x 2^(1 - 31).
TEST(Tflite, ReadsAFullyConnectedLayerByHand) {
  TfliteBuilder m;
  const int x = m.tensor(int8, {1, 2}, {{0.5F}, {1}});
  const int w = m.constant(int8, {1, 2}, Codes8{3, -2}, {{0.25F}, {0}});
  const int b = m.constant(model::TensorType_INT32, {1}, std::vector<std::int32_t>{4});
  const int y = m.tensor(int8, {1, 1}, {{0.125F}, {-3}});
  m.operation(model::BuiltinOperator_FULLY_CONNECTED, {x, w, b}, {y},
              model::OperatorOptions_FullyConnectedOptions, model::CreateFullyConnectedOptions(m.builder()));
  const Scratch folder;
  save_npy<std::int8_t>(folder / "x.npy", {5, 2}, {1, 2});
  const DenseNetwork network = import_bytes(m.bytes(), folder, {.input_npy = folder / "x.npy"}).network;
  EXPECT_EQ(network.activations, "the graph run in its own integers on x.npy");
  const DenseLayer& layer = network.layers.at(0);
  EXPECT_EQ(layer.kind, &fc_kind);
  EXPECT_EQ(layer.codes, (WeightCodes{Dtype::int8, {0.25F}, {0}, {3, -2}}));
  EXPECT_EQ(layer.bias_sums, std::vector<std::int64_t>{4});
  EXPECT_EQ(layer.activation_zero_point, 1);
  EXPECT_EQ(layer.output->factors, (std::vector<FixedPoint>{{1 << 30, 1}}));
  const Layer kept = compress(network, default_recipe_of(network)).trace.layers[0];
  EXPECT_EQ(run_golden(kept).sums, std::vector<std::int64_t>{14});
  EXPECT_EQ(requantise(kept, run_golden(kept)), Words{11});
}

// Reals go to the nearest code, halves away from zero: 1.25 / 0.5 = 2.5 is 3 and 1 more.
TEST(Tflite, QuantisesARealInput) {
  TfliteBuilder m;
  const int x = m.tensor(int8, {1, 2}, {{0.5F}, {1}});
  const int w = m.constant(int8, {1, 2}, Codes8{1, 1}, {{1.0F}, {0}});
  const int y = m.tensor(int8, {1, 1}, {{1.0F}, {0}});
  m.operation(model::BuiltinOperator_FULLY_CONNECTED, {x, w}, {y},
              model::OperatorOptions_FullyConnectedOptions, model::CreateFullyConnectedOptions(m.builder()));
  const Scratch folder;
  save_npy<float>(folder / "x.npy", {1.25F, -1000.0F}, {1, 2});
  EXPECT_EQ(import_bytes(m.bytes(), folder, {.input_npy = folder / "x.npy"}).network.layers[0].ifmap,
            (Words{4, -128}));
}

// Means of 5.5 and -1.5, halves away from zero; a residual sum: (6 x 0.5 + 3 x 0.25) / 0.25 = 15.
TEST(Tflite, PoolsAndAddsCodes) {
  TfliteBuilder m;
  const int x = m.tensor(int8, {1, 1, 2, 2}, {{0.5F}, {0}}),
            mean = m.tensor(int8, {1, 1, 1, 2}, {{0.5F}, {0}});
  const int other = m.constant(int8, {1, 1, 1, 2}, Codes8{13, 0}, {{0.25F}, {10}});
  const int sum = m.tensor(int8, {1, 1, 1, 2}, {{0.25F}, {0}});
  const int w = m.constant(int8, {1, 1, 1, 2}, Codes8{1, 1}, {{1.0F}, {0}}),
            y = m.tensor(int8, {1, 1, 1, 1}, {{1.0F}, {0}});
  auto& b = m.builder();
  m.operation(model::BuiltinOperator_AVERAGE_POOL_2D, {x}, {mean}, model::OperatorOptions_Pool2DOptions,
              model::CreatePool2DOptions(b, model::Padding_VALID, 1, 1, 2, 1));
  m.operation(model::BuiltinOperator_ADD, {mean, other}, {sum}, model::OperatorOptions_AddOptions,
              model::CreateAddOptions(b));
  m.operation(model::BuiltinOperator_CONV_2D, {sum, w}, {y}, model::OperatorOptions_Conv2DOptions,
              model::CreateConv2DOptions(b, model::Padding_VALID, 1, 1));
  const Scratch folder;
  save_npy<std::int8_t>(folder / "x.npy", {5, -1, 6, -2}, {1, 1, 2, 2});  // means 5.5 and -1.5: 6 and -2
  const auto layers = import_bytes(m.bytes(), folder, {.input_npy = folder / "x.npy"}).network.layers;
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].kind, &pool_kind);
  EXPECT_EQ(layers[1].kind, &add_kind);
  EXPECT_EQ(layers[2].ifmap, (Words{15, -14}));  // (-2 x 0.5 - 10 x 0.25) / 0.25
}

// A filter of the depthwise layer is one place of the last axis: K, and the channel is k / 2.
TEST(Tflite, TakesAWholeGraphAndNamesWhatLiesBehindIt) {
  const Scratch folder;
  const TfliteNetwork read = import_bytes(testing::small_model(), folder);
  EXPECT_EQ(read.left, std::vector<std::string>{"SOFTMAX"});
  const auto& layers = read.network.layers;
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[0].name, "t3");
  const LayerShape conv{.C = 2,
                        .H = 5,
                        .W = 4,
                        .K = 3,
                        .R = 3,
                        .S = 3,
                        .stride_y = 2,
                        .stride_x = 2,
                        .pad_top = 1,
                        .pad_bottom = 1,
                        .pad_left = 0,
                        .pad_right = 1};
  EXPECT_EQ(layers[0].shape, conv);
  EXPECT_TRUE(layers[0].output->relu);
  EXPECT_EQ(layers[1].kind, &depthwise_kind);
  EXPECT_EQ(layers[1].shape.groups, 3);
  EXPECT_EQ(layers[1].shape.K, 6);
  EXPECT_EQ(layers[1].codes->values[1], 6 * 37 % 255 - 127);  // k 0, place 1: the seventh code of the file
  EXPECT_EQ(layers[1].output->clamp, (CodeRange{3, 4}));      // six is 0.75 steps of 8
  EXPECT_EQ(layers[2].kind, &pool_kind);
  EXPECT_EQ(layers[3].kind, &fc_kind);
  for (const Layer& layer : compress(read.network, default_recipe_of(read.network)).trace.layers) {
    if (!layer.simulated()) continue;
    const auto codes = requantise(layer, run_golden(layer));  // an independent way to the next layer's input
    if (layer.name == "t3") {
      Words next = layers[1].ifmap;
      EXPECT_EQ(codes, next);
    }
  }
}

TEST(Tflite, SaysWhatIsWrong) {
  EXPECT_EQ(refusal("no model at all"),
            "no TensorFlow Lite model, expected a flatbuffer that begins with TFL3");
  EXPECT_EQ(refusal(std::string("\x1c\0\0\0TFL3", 8) + std::string(64, '\0')),
            "a TensorFlow Lite model without a graph, expected one");
  EXPECT_EQ(refusal(std::string("\x1c\0\0\0TFL3", 8) + std::string(64, '\x7f')),
            "a damaged TensorFlow Lite model, expected tables that lie within the file");
  TfliteBuilder m;
  const int x = m.tensor(int8, {1, 2}, {{0.5F}, {1}}), h = m.tensor(int8, {1, 2}, {{0.5F}, {1}});
  const int w = m.constant(int8, {1, 2}, Codes8{3, -2}, {{0.25F}, {0}}),
            y = m.tensor(int8, {1, 1}, {{0.125F}, {-3}});
  m.operation(model::BuiltinOperator_FLOOR, {x}, {h});
  m.operation(model::BuiltinOperator_FULLY_CONNECTED, {h, w}, {y},
              model::OperatorOptions_FullyConnectedOptions, model::CreateFullyConnectedOptions(m.builder()));
  EXPECT_EQ(refusal(m.bytes()).rfind("operator 0 (FLOOR): not supported, expected one of CONV_2D", 0), 0U);
}

// MLPerf Tiny's keyword spotting, by a numpy of its own: sum over each input's codes c_i x (1 + i mod 1009).
TEST(Tflite, RunsKeywordSpottingToTheBit) {
  const std::filesystem::path file =
      std::filesystem::path(BASIL_SOURCE_DIR) / "../shared/data/models/tiny_kws_int8.tflite";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const Scratch folder;
  Codes8 input;
  for (int i = 0; i < 490; ++i) input.push_back(static_cast<std::int8_t>((i * 37 + 11) % 256 - 128));
  save_npy(folder / "x.npy", input, {1, 49, 10, 1});
  const TfliteNetwork read = read_tflite(file, {.input_npy = folder / "x.npy"});
  const std::vector<std::int64_t> expected{63871,      -344091388, -381216020, -340896614, -336133710,
                                           -244873355, -304400814, -386797232, -442466004, -229659};
  std::vector<std::int64_t> found;
  for (const DenseLayer& layer : read.network.layers) {
    if (!layer.simulated()) continue;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < layer.ifmap.size(); ++i)
      sum += layer.ifmap[i] * static_cast<std::int64_t>(i % 1009 + 1);
    found.push_back(sum);
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(read.left, std::vector<std::string>{"SOFTMAX"});
  const Layer last = compress(read.network, default_recipe_of(read.network)).trace.layers.back();
  EXPECT_EQ(requantise(last, run_golden(last)),
            (Words{-26, 22, -117, 40, -81, -85, -73, -95, -128, 23, -128, 93}));
}

}  // namespace
}  // namespace basil
