// Quantised models: what they compute, exactly, and the integers that reach the network.
#include <cmath>

#include "traces/compress/keep.h"
#include "traces/golden/requantise.h"
#include "traces/onnx/model_builder.h"
#include "traces/onnx/run.h"

namespace basil::testing {
namespace {

using onnx_import::Tensor;
using Integers = std::vector<std::int64_t>;

Dims draw_integers(std::size_t count, std::int64_t least, std::int64_t most, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Dims values(count);
  for (std::int64_t& value : values)
    value = least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  return values;
}

onnx_import::Outcome run(const std::string& bytes, std::map<std::string, Tensor> inputs,
                         const std::string& name) {
  const Scratch folder;
  store(folder / "model.onnx", bytes);
  onnx_import::Graph graph = onnx_import::read_graph(folder / "model.onnx");
  graph.outputs = {name};
  return run_graph(std::move(graph), std::move(inputs));
}

Tensor output_of(const std::string& bytes, std::map<std::string, Tensor> inputs, const std::string& name) {
  return run(bytes, std::move(inputs), name).outputs.at(name);
}

constexpr float x_scale = 0.02F;
const std::vector<float> w_scales{0.01F, 0.02F, 0.03F, 0.04F};

void add_constants(ModelBuilder& model, const Dims& weights) {
  model.constant("sx", {}, {x_scale});
  model.integers("zx", {}, onnx::TensorProto::UINT8, {128});
  model.integers("wq", {4, 3, 3, 3}, onnx::TensorProto::INT8, weights);
  model.constant("sw", {4}, w_scales);
  model.integers("zw", {4}, onnx::TensorProto::INT8, {0, 0, 0, 0});
}

// As onnxruntime writes it. The layer's input is the very uint8 less its zero point, its scale that of the
// model; the weights are the integers times their filter's scale.
TEST(OnnxQuantised, QdqKeepsItsIntegers) {
  ModelBuilder model({1, 3, 8, 8});
  const Dims weights = draw_integers(108, -127, 127, 3);
  add_constants(model, weights);
  const auto x = model.draw({1, 3, 8, 8}, -2, 2);
  const std::string seen =
      model.node("DequantizeLinear", {model.node("QuantizeLinear", {"x", "sx", "zx"}), "sx", "zx"});
  const std::string w = model.node("DequantizeLinear", {"wq", "sw", "zw"}, {{"axis", std::int64_t{0}}});
  const std::string y = model.node("Conv", {seen, w});
  const DenseNetwork network = import_on(model.bytes(), x, {1, 3, 8, 8});
  const DenseLayer& layer = network.layers[0];
  EXPECT_EQ(layer.activation_dtype, Dtype::uint8);
  EXPECT_EQ(layer.activation_scale, x_scale);
  EXPECT_EQ(layer.activation_zero_point, 128);
  for (std::size_t i = 0; i < 192; ++i) {
    const float q = std::clamp(std::nearbyint(x[i] / x_scale) + 128, 0.0F, 255.0F);
    EXPECT_EQ(layer.ifmap[i % 64 * 3 + i / 64], static_cast<int>(q)) << i;
  }
  ASSERT_TRUE(layer.codes);
  EXPECT_TRUE(layer.weights.empty());
  EXPECT_EQ(layer.codes->dtype, Dtype::int8);
  EXPECT_EQ(layer.codes->scales, w_scales);
  EXPECT_EQ(layer.codes->zero_points, (std::vector<std::int32_t>{0}));
  for (std::size_t i = 0; i < 108; ++i)  // K, R, S, C from K, C, R, S
    EXPECT_EQ(layer.codes->values[i / 27 * 27 + i % 9 * 3 + i / 9 % 3], weights[i]) << i;

  // One output by hand: filter 2 at the first place.
  double right = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t s = 0; s < 3; ++s) {
        const float q = std::clamp(std::nearbyint(x[c * 64 + r * 8 + s] / x_scale) + 128, 0.0F, 255.0F);
        right += static_cast<double>((q - 128) * x_scale) *
                 static_cast<double>(static_cast<float>(weights[54 + c * 9 + r * 3 + s]) * w_scales[2]);
      }
    }
  }
  const Tensor made = output_of(model.bytes(), {{"x", {.shape = {1, 3, 8, 8}, .elements = x}}}, y);
  EXPECT_NEAR(made.reals("y")[2 * 36], right, 1e-4);
}

// sum of (x - zx)(w - zw) + bias, times sx * sw / sy in single precision, rounded half to even, plus zy,
// saturated.
TEST(OnnxQuantised, QLinearConvRequantisesEachFilter) {
  ModelBuilder model({1, 1});
  model.graph().clear_input();
  model.input("xq", {1, 3, 4, 4}, onnx::TensorProto::UINT8);
  const Dims weights = draw_integers(108, -128, 127, 4), input = draw_integers(48, 0, 255, 5);
  add_constants(model, weights);
  model.integers("zy", {}, onnx::TensorProto::UINT8, {120});
  model.integers("bias", {4}, onnx::TensorProto::INT32, {1000, -70000, 3, 0});
  const std::string y = model.node(
      "QLinearConv", {"xq", "sx", "zx", "wq", "sw", "zw", model.constant("sy", {}, {0.05F}), "zy", "bias"});
  const onnx_import::Outcome outcome =
      run(model.bytes(),
          {{"xq", {.shape = {1, 3, 4, 4}, .elements = input, .type = onnx_import::ElementType::uint8}}}, y);
  const Tensor& made = outcome.outputs.at(y);
  const Integers biases{1000, -70000, 3, 0};
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t at = 0; at < 4; ++at) {
      std::int64_t sum = biases[k];
      for (std::size_t i = 0; i < 27; ++i)
        sum += (input[i / 9 * 16 + (at / 2 + i % 9 / 3) * 4 + at % 2 + i % 3] - 128) * weights[k * 27 + i];
      const float whole = std::nearbyint(static_cast<float>(sum) * (x_scale * w_scales[k] / 0.05F));
      EXPECT_EQ(made.integers("y")[k * 4 + at],
                std::clamp<std::int64_t>(static_cast<std::int64_t>(whole) + 120, 0, 255));
    }
  }
  ASSERT_EQ(outcome.layers.size(), 1U);
  const DenseLayer& layer = outcome.layers[0];
  EXPECT_EQ(layer.shape.macs(), 2 * 2 * 4 * 27);
  EXPECT_EQ(layer.bias_sums, biases);
  // Kept as it came, the layer's sums leave as the very integers of the graph.
  const Layer kept = kept_layer(layer);
  const std::vector<std::int16_t> codes = requantise(kept, run_golden(kept));  // places, filters
  ASSERT_EQ(codes.size(), 16U);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(codes[i % 4 * 4 + i / 4], made.integers("y")[i]) << i;
}

// Padding stands for the zero point: its products are 0.
TEST(OnnxQuantised, ConvIntegerPadsWithTheZeroPoint) {
  ModelBuilder model({1, 1});
  model.graph().clear_input();
  model.input("xq", {1, 1, 1, 2}, onnx::TensorProto::UINT8);
  model.integers("w", {1, 1, 1, 3}, onnx::TensorProto::UINT8, {10, 20, 30});
  model.integers("zx", {}, onnx::TensorProto::UINT8, {5});
  model.integers("zw", {}, onnx::TensorProto::UINT8, {9});
  const std::string y = model.node("ConvInteger", {"xq", "w", "zx", "zw"}, {{"pads", Dims{0, 1, 0, 1}}});
  const Tensor made = output_of(
      model.bytes(),
      {{"xq", {.shape = {1, 1, 1, 2}, .elements = Integers{7, 4}, .type = onnx_import::ElementType::uint8}}},
      y);
  EXPECT_EQ(made.type, onnx_import::ElementType::int32);
  EXPECT_EQ(made.integers("y"), (Integers{2 * 11 - 1 * 21, 2 * 1 - 1 * 11}));
}

// Dynamic quantisation as onnxruntime writes it: integers in, real numbers by scales that are computed.
TEST(OnnxQuantised, DynamicQuantisationReachesMatMulInteger) {
  ModelBuilder model({1, 4});
  auto* node = model.graph().add_node();
  node->set_op_type("DynamicQuantizeLinear");
  node->add_input("x");
  for (const char* name : {"q", "s", "z"}) node->add_output(name);
  model.integers("w", {4, 2}, onnx::TensorProto::INT8, {1, -2, 3, -4, 5, -6, 7, -8});
  const std::string sums = model.node("MatMulInteger", {"q", "w", "z"});
  const std::string y =
      model.node("Mul", {model.node("Cast", {sums}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}}), "s"});
  const Tensor made = output_of(
      model.bytes(), {{"x", {.shape = {1, 4}, .elements = std::vector<float>{0, 51, 102, 255}}}}, y);
  EXPECT_EQ(made.reals("y"), (std::vector<float>{51 * 3 + 102 * 5 + 255 * 7, -51 * 4 - 102 * 6 - 255 * 8}));
  const DenseLayer layer = import_bytes(model.bytes()).layers[0];
  ASSERT_TRUE(layer.codes);
  EXPECT_EQ(layer.codes->values, (std::vector<std::int16_t>{1, 3, 5, 7, -2, -4, -6, -8}));
  EXPECT_EQ(layer.activation_dtype, Dtype::uint8);
}

// Two weights to a byte, the first in the low bits: 0x8f is -1 and -8.
TEST(OnnxQuantised, FourBitWeights) {
  ModelBuilder model({1, 3});
  model.opset(21);
  model.add_tensor("w", {3, 1}, 22)->set_raw_data("\x8f\x07", 2);
  model.node("MatMul", {"x", model.node("DequantizeLinear", {"w", model.constant("s", {}, {0.5F})})});
  const DenseLayer layer = import_bytes(model.bytes()).layers[0];
  ASSERT_TRUE(layer.codes);
  EXPECT_EQ(layer.codes->dtype, Dtype::int4);
  EXPECT_EQ(layer.codes->scales, (std::vector<float>{0.5F}));
  EXPECT_EQ(layer.codes->values, (std::vector<std::int16_t>{-1, -8, 7}));
}

// Brevitas: 3 bits, narrow: -3 to 3.
TEST(OnnxQuantised, QonnxQuantiser) {
  ModelBuilder model({1, 4});
  model.node(
      "Quant",
      {"x", model.constant("s", {}, {0.5F}), model.constant("z", {}, {0}), model.constant("b", {}, {3})},
      {{"signed", std::int64_t{1}}, {"narrow", std::int64_t{1}}, {"rounding_mode", std::string("ROUND")}});
  model.graph().mutable_node(0)->set_domain("qonnx.custom_op.general");
  model.node("MatMul", {"Quant1", model.constant("w", {4, 1})});
  const DenseLayer layer = import_on(model.bytes(), {0.25F, 0.75F, -9, 1.4F}, {1, 4}).layers[0];
  EXPECT_EQ(layer.activation_dtype, Dtype::int3);
  EXPECT_EQ(layer.activation_scale, 0.5F);
  EXPECT_EQ(layer.ifmap, (std::vector<std::int16_t>{0, 2, -3, 3}));
}

}  // namespace
}  // namespace basil::testing
