// Whole graphs, as exporters write them, held against the plain computation of every layer's input.
#include "traces/onnx/model_builder.h"
#include "traces/onnx/reference.h"

namespace basil::testing {
namespace {

std::vector<std::string> names(const DenseNetwork& network) {
  std::vector<std::string> list;
  for (const DenseLayer& layer : network.layers) list.push_back(layer.name);
  return list;
}

std::string norm_node(ModelBuilder& model, const std::string& input, const Norm& norm) {
  const auto size = static_cast<std::int64_t>(norm.scale.size());
  const auto part = [&](const std::string& name, const std::vector<float>& values) {
    return model.constant(input + "." + name, {size}, values);
  };
  return model.node("BatchNormalization", {input, part("scale", norm.scale), part("bias", norm.bias),
                                           part("mean", norm.mean), part("variance", norm.variance)});
}

Norm draw_norm(ModelBuilder& model, std::int64_t channels) {
  return {model.draw({channels}), model.draw({channels}), model.draw({channels}),
          model.draw({channels}, 0.5F, 2.0F)};
}

TEST(OnnxNetworks, ConvBatchNormReluPoolFlattenGemm) {
  ModelBuilder model({0, 3, 8, 8});
  const auto image = model.draw({2, 3, 8, 8}), w1 = model.draw({6, 3, 3, 3}), b1 = model.draw({6}),
             w2 = model.draw({10, 96}), b2 = model.draw({10}), w3 = model.draw({10, 4});
  const Norm norm = draw_norm(model, 6);
  std::string y =
      model.node("Conv", {"x", model.constant("w1", {6, 3, 3, 3}, w1), model.constant("b1", {6}, b1)},
                 {{"pads", Dims{1, 1, 1, 1}}});
  y = model.node("Relu", {norm_node(model, y, norm)});
  y = model.node("MaxPool", {y}, {{"kernel_shape", Dims{2, 2}}, {"strides", Dims{2, 2}}});
  y = model.node("Flatten", {y});
  y = model.node("Gemm", {y, model.constant("w2", {10, 96}, w2), model.constant("b2", {10}, b2)},
                 {{"transB", std::int64_t{1}}});
  model.node("Gemm", {y, model.constant("w3", {10, 4}, w3)}, {{"alpha", 0.5F}});

  const DenseNetwork network = import_on(model.bytes(), image, {2, 3, 8, 8});
  ASSERT_EQ(names(network), (std::vector<std::string>{"Conv1", "MaxPool4", "Gemm6", "Gemm7"}));
  EXPECT_EQ(network.activations, "the graph run in floating point on image.npy");

  const Image input(2, 3, 8, 8, image);
  LayerShape s{.N = 2, .C = 3, .H = 8, .W = 8, .K = 6, .R = 3, .S = 3};
  s.pad_top = s.pad_bottom = s.pad_left = s.pad_right = 1;
  EXPECT_EQ(network.layers[0].shape, s);
  EXPECT_TRUE(network.layers[0].relu);
  expect_input(network.layers[0], input);
  const Image pooled = flatten(max_pool(relu(batch_norm(conv(input, s, w1, b1), norm)), 2, 2));
  expect_input(network.layers[2], pooled);
  EXPECT_FALSE(network.layers[2].relu);
  const LayerShape fc{.N = 2, .C = 96, .K = 10};
  EXPECT_EQ(network.layers[2].shape, fc);
  expect_input(network.layers[3], conv(pooled, fc, w2, b2));
  // transB = 0: stored (C, K); alpha folded in.
  EXPECT_FLOAT_EQ(network.layers[3].weights[1 * 10 + 2], 0.5F * w3[2 * 4 + 1]);

  // The folded weights and bias make the same output as conv and normalisation apart.
  std::vector<float> folded;  // K, R, S, C back to K, C, R, S
  for (int k = 0; k < 6; ++k)
    for (int c = 0; c < 3; ++c)
      for (int tap = 0; tap < 9; ++tap)
        folded.push_back(network.layers[0].weights[static_cast<std::size_t>((k * 9 + tap) * 3 + c)]);
  const Image one = conv(input, s, folded, network.layers[0].bias),
              two = batch_norm(conv(input, s, w1, b1), norm);
  for (std::size_t i = 0; i < one.values.size(); ++i) ASSERT_NEAR(one.values[i], two.values[i], 1e-4);
}

TEST(OnnxNetworks, ResidualBlockWithDepthwise) {
  ModelBuilder model({1, 4, 6, 6});
  const auto image = model.draw({1, 4, 6, 6}), w1 = model.draw({4, 1, 3, 3}), w2 = model.draw({4, 4, 1, 1}),
             w3 = model.draw({2, 4, 1, 1});
  const std::string first = model.node("Conv", {"x", model.constant("w1", {4, 1, 3, 3}, w1)},
                                       {{"pads", Dims{1, 1, 1, 1}}, {"group", std::int64_t{4}}});
  const std::string six =
      model.node("Clip", {first, model.constant("zero", {}, {0}), model.constant("six", {}, {6})});
  const std::string second = model.node("Conv", {six, model.constant("w2", {4, 4, 1, 1}, w2)});
  const std::string sum = model.node("Add", {second, "x"});
  model.node("Conv", {model.node("Relu", {sum}), model.constant("w3", {2, 4, 1, 1}, w3)});

  const DenseNetwork network = import_on(model.bytes(), image, {1, 4, 6, 6});
  ASSERT_EQ(names(network), (std::vector<std::string>{"Conv1", "Conv3", "Add4", "Conv6"}));
  const DenseLayer& depthwise = network.layers[0];
  EXPECT_EQ(depthwise.kind, &depthwise_kind);
  EXPECT_TRUE(depthwise.relu) << "a Clip from 0";
  EXPECT_FALSE(network.layers[1].relu) << "the ReLU comes after the addition";
  EXPECT_EQ(network.layers[2].kind, &add_kind);
  EXPECT_EQ(network.layers[2].shape.K, 4);
  EXPECT_TRUE(network.layers[2].weights.empty());
  const Image input(1, 4, 6, 6, image), clipped = relu(conv(input, depthwise.shape, w1, {}), 6);
  expect_input(network.layers[1], clipped);
  expect_input(network.layers[3], relu(add(conv(clipped, network.layers[1].shape, w2, {}), input)));
}

TEST(OnnxNetworks, OneDimensionalConvAndMatMulWithBias) {
  ModelBuilder model({1, 3, 20});
  const auto image = model.draw({1, 3, 20}), w1 = model.draw({5, 3, 4}), w2 = model.draw({40, 6}),
             b2 = model.draw({6});
  std::string y = model.node("Conv", {"x", model.constant("w1", {5, 3, 4}, w1)},
                             {{"strides", Dims{2}}, {"dilations", Dims{2}}, {"pads", Dims{1, 0}}});
  y = model.node("Reshape", {y, model.integers("shape", {0, -1})});
  y = model.node("MatMul", {y, model.constant("w2", {40, 6}, w2)});
  y = model.node("Relu", {model.node("Add", {model.constant("b2", {6}, b2), y})});
  model.node("MatMul", {y, model.constant("w3", {6, 2})});

  const DenseNetwork network = import_on(model.bytes(), image, {1, 3, 20});
  ASSERT_EQ(network.layers.size(), 3U);
  const LayerShape& s = network.layers[0].shape;
  EXPECT_EQ((std::vector<int>{s.H, s.R, s.W, s.S, s.Q()}), (std::vector<int>{1, 1, 20, 4, 8}));
  const Image flat = flatten(conv(Image(1, 3, 1, 20, image), s, w1, {}));
  expect_input(network.layers[1], flat);
  EXPECT_TRUE(network.layers[1].relu) << "behind the bias that was folded in";
  std::vector<float> rows;  // (C, K) to (K, C)
  for (std::size_t k = 0; k < 6; ++k)
    for (std::size_t c = 0; c < 40; ++c) rows.push_back(w2[c * 6 + k]);
  expect_input(network.layers[2], relu(conv(flat, network.layers[1].shape, rows, b2)));
}

TEST(OnnxNetworks, SamePaddingPutsTheOddElementWhereItsNameSays) {
  for (const bool upper : {true, false}) {
    ModelBuilder model({1, 2, 7, 6});
    const auto image = model.draw({1, 2, 7, 6}), w1 = model.draw({3, 2, 3, 4});
    const std::string y =
        model.node("Conv", {"x", model.constant("w1", {3, 2, 3, 4}, w1)},
                   {{"strides", Dims{2, 2}}, {"auto_pad", std::string(upper ? "SAME_UPPER" : "SAME_LOWER")}});
    model.node("Conv", {y, model.constant("w2", {1, 3, 1, 1})});
    const DenseNetwork network = import_on(model.bytes(), image, {1, 2, 7, 6});
    // Rows: ceil(7 / 2) = 4 outputs reach (4 - 1) * 2 + 3 = 9 = 7 + 2. Columns: 3 reach 2 * 2 + 4 = 8 = 6
    // + 2.
    LayerShape s = network.layers[0].shape;
    EXPECT_EQ((std::vector<int>{s.pad_top, s.pad_bottom, s.pad_left, s.pad_right}),
              (std::vector<int>{1, 1, 1, 1}));
    expect_input(network.layers[1], conv(Image(1, 2, 7, 6, image), s, w1, {}));

    ModelBuilder odd({1, 1, 8, 8});  // 4 outputs reach 3 * 2 + 3 = 9 = 8 + 1
    odd.node("Conv", {"x", odd.constant("w1", {1, 1, 3, 3})},
             {{"strides", Dims{2, 2}}, {"auto_pad", std::string(upper ? "SAME_UPPER" : "SAME_LOWER")}});
    s = import_bytes(odd.bytes()).layers[0].shape;
    EXPECT_EQ(s.pad_top, upper ? 0 : 1);
    EXPECT_EQ(s.pad_bottom, upper ? 1 : 0);
  }
}

TEST(OnnxNetworks, BatchNormThatOthersReadBesidesIsExecuted) {
  ModelBuilder model({1, 2, 4, 4});
  const auto image = model.draw({1, 2, 4, 4}), w1 = model.draw({2, 2, 1, 1});
  const Norm before = draw_norm(model, 2), after = draw_norm(model, 2);
  const std::string normed = norm_node(model, "x", before);  // nothing before it to fold into
  const std::string y = model.node("Conv", {normed, model.constant("w1", {2, 2, 1, 1}, w1)});
  const std::string sum = model.node("Add", {norm_node(model, y, after), y});  // y is read twice
  model.node("Conv", {sum, model.constant("w2", {1, 2, 1, 1})});
  const DenseNetwork network = import_on(model.bytes(), image, {1, 2, 4, 4});
  const Image seen = batch_norm(Image(1, 2, 4, 4, image), before),
              made = conv(seen, network.layers[0].shape, w1, {});
  expect_input(network.layers[0], seen);
  EXPECT_TRUE(network.layers[0].bias.empty());
  expect_input(network.layers[2], add(batch_norm(made, after), made));
}

// A model as PyTorch writes `x.view(x.size(0), -1)`, with weights behind Identity, Transpose and Constant.
TEST(OnnxNetworks, ShapesAndWeightsThatTheGraphComputes) {
  ModelBuilder model({0, 2, 3, 3});
  const auto image = model.draw({2, 2, 3, 3}), w1 = model.draw({4, 2, 1, 1}), w2 = model.draw({36, 3});
  const std::string copy = model.node("Identity", {model.constant("w1", {4, 2, 1, 1}, w1)});
  const std::string y = model.node("Conv", {"x", copy});
  const std::string batch = model.node("Gather", {model.node("Shape", {y}), model.integers("first", {0})},
                                       {{"axis", std::int64_t{0}}});
  const std::string shape =
      model.node("Concat", {batch, model.integers("rest", {-1})}, {{"axis", std::int64_t{0}}});
  const std::string flat = model.node("Reshape", {y, shape});
  const std::string turned = model.node("Transpose", {model.constant("w2", {36, 3}, w2)});
  model.node("Gemm", {flat, turned}, {{"transB", std::int64_t{1}}});
  const DenseNetwork network = import_on(model.bytes(), image, {2, 2, 3, 3});
  ASSERT_EQ(network.layers.size(), 2U);
  expect_input(network.layers[1], flatten(conv(Image(2, 2, 3, 3, image), network.layers[0].shape, w1, {})));
  EXPECT_FLOAT_EQ(network.layers[1].weights[1 * 36 + 5], w2[5 * 3 + 1]);
}

TEST(OnnxNetworks, TheSameSeedGivesTheSameNetwork) {
  ModelBuilder model({0, 1, 4, 4});
  model.node("Conv", {"x", model.constant("w1", {1, 1, 3, 3})});
  model.graph().mutable_node(0)->set_name("/features/0/Conv");
  const DenseNetwork network = import_bytes(model.bytes()), again = import_bytes(model.bytes());
  EXPECT_EQ(network.activations, "seeded random input, seed 1");
  EXPECT_EQ(network.layers[0].name, "features.0.Conv");
  EXPECT_EQ(network.layers[0].ifmap, again.layers[0].ifmap);
  const Scratch folder;
  store(folder / "model.onnx", model.bytes());
  OnnxOptions other;
  other.seed = 2;
  EXPECT_NE(read_onnx(folder / "model.onnx", other).layers[0].ifmap, network.layers[0].ifmap);
}

}  // namespace
}  // namespace basil::testing
