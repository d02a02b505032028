// Layers that are not a plain convolution or fc: their shares of the work counted by hand, what they make
// held against the plain computation.
#include "traces/onnx/model_builder.h"
#include "traces/onnx/reference.h"

namespace basil::testing {
namespace {

std::int64_t macs(const DenseNetwork& network) {
  std::int64_t sum = 0;
  for (const DenseLayer& layer : network.layers) sum += layer.simulated() ? layer.shape.macs() : 0;
  return sum;
}

const DenseLayer& layer(const DenseNetwork& network, const std::string& name) {
  for (const DenseLayer& each : network.layers) {
    if (each.name == name) return each;
  }
  throw Error(name, "no such layer", "one of the network's");
}

float input_at(const DenseLayer& each, std::size_t i) {
  return static_cast<float>(each.ifmap[i]) * each.activation_scale;
}

// Four projections of 10 * 16 * 16 and two products of 10 * 10 * 16.
TEST(OnnxLayerKinds, AttentionMultipliesActivations) {
  ModelBuilder model({1, 10, 16});
  for (const char* name : {"q", "k", "v", "u"}) model.constant(name, {16, 16});
  const std::string keys =
      model.node("Transpose", {model.node("MatMul", {"x", "k"})}, {{"perm", Dims{0, 2, 1}}});
  const std::string scores =
      model.node("Softmax", {model.node("MatMul", {model.node("MatMul", {"x", "q"}), keys})},
                 {{"axis", std::int64_t{-1}}});
  const std::string mixed = model.node("MatMul", {scores, model.node("MatMul", {"x", "v"})});
  model.node("MatMul", {mixed, "u"});
  const DenseNetwork network = import_bytes(model.bytes());
  EXPECT_EQ(macs(network), 4 * 10 * 16 * 16 + 2 * 10 * 10 * 16);
  const DenseLayer& product = layer(network, "MatMul4.by_activation");
  EXPECT_EQ(product.kind, &fc_kind);
  EXPECT_EQ(product.shape, (LayerShape{.N = 10, .C = 16, .K = 10}));
  EXPECT_TRUE(std::any_of(network.layers.begin(), network.layers.end(),
                          [](const DenseLayer& each) { return each.name == "MatMul7.by_activation"; }));
}

// Two heads of (3, 4) x (4, 5) are one 1 x 1 convolution in two groups over 3 columns.
TEST(OnnxLayerKinds, HeadsAreGroups) {
  ModelBuilder model({2, 3, 4});
  const auto x = model.draw({2, 3, 4});
  const std::string other =
      model.node("Reshape", {model.node("Relu", {"x"}), model.integers("to", {2, 4, 3})});
  const std::string y = model.node("MatMul", {"x", other});
  model.node("MatMul", {y, model.constant("w", {3, 1}, {1, 1, 1})});
  const DenseNetwork network = import_on(model.bytes(), x, {2, 3, 4});
  const LayerShape shape{.N = 1, .C = 8, .W = 3, .K = 6, .groups = 2};
  const DenseLayer& product = layer(network, "MatMul3.by_activation");
  EXPECT_EQ(product.shape, shape);
  EXPECT_EQ(product.shape.macs(), 2 * 3 * 3 * 4);
  const DenseLayer& next = layer(network, "MatMul4");
  for (std::size_t head = 0; head < 2; ++head) {
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        float sum = 0;
        for (std::size_t i = 0; i < 4; ++i)
          sum += x[head * 12 + row * 4 + i] * std::max(0.0F, x[head * 12 + i * 3 + column]);
        EXPECT_NEAR(input_at(next, head * 9 + row * 3 + column), sum, 0.51 * next.activation_scale);
        if (row == 0) {  // the layer's weights are the second matrix, a column a filter
          EXPECT_EQ(product.weights[(head * 3 + column) * 4], std::max(0.0F, x[head * 12 + column]));
        }
      }
    }
  }
}

// A matrix of the model before what it multiplies: a 1 x 1 convolution over the columns.
TEST(OnnxLayerKinds, AConstantOnTheLeftIsTheWeights) {
  ModelBuilder model({1, 3, 5});
  model.node("MatMul", {model.constant("w", {2, 3}), "x"});
  const DenseNetwork network = import_bytes(model.bytes());
  EXPECT_EQ(network.layers[0].name, "MatMul1");
  EXPECT_EQ(network.layers[0].shape, (LayerShape{.C = 3, .W = 5, .K = 2}));
}

// 2 x 2 taps at stride 2: each output has one tap, so each of 4 phases is 8 * 8 outputs * 4 channels * 2
// filters.
TEST(OnnxLayerKinds, TransposedConvolutionIsAConvolutionAPhase) {
  ModelBuilder model({1, 4, 8, 8});
  model.node("ConvTranspose", {"x", model.constant("w", {4, 2, 2, 2})}, {{"strides", Dims{2, 2}}});
  const DenseNetwork network = import_bytes(model.bytes());
  ASSERT_EQ(network.layers.size(), 4U);
  EXPECT_EQ(network.layers[3].name, "ConvTranspose1.phase_1_1");
  EXPECT_EQ(network.layers[3].shape, (LayerShape{.C = 4, .H = 8, .W = 8, .K = 2}));
  EXPECT_EQ(macs(network), 8 * 8 * 4 * 2 * 4);
}

// Each input times each tap, put where it falls: the definition, padding, groups and dilation included.
TEST(OnnxLayerKinds, TransposedConvolutionPutsEachProductInItsPlace) {
  struct Case {
    int taps, stride, dilation, before, after, more, groups;
  };
  for (const Case& c : {Case{3, 2, 1, 1, 1, 1, 1}, Case{4, 2, 1, 1, 1, 0, 2}, Case{3, 3, 2, 0, 1, 0, 1},
                        Case{1, 2, 1, 0, 0, 0, 1}, Case{5, 2, 2, 3, 2, 0, 2}, Case{3, 1, 1, 0, 0, 0, 4}}) {
    const int size = 5, C = 4, each = 3, K = each * c.groups;
    ModelBuilder model({1, C, 1, size});
    const auto x = model.draw({1, C, 1, size}), w = model.draw({C, each, 1, c.taps}), bias = model.draw({K});
    const std::string y = model.node(
        "ConvTranspose", {"x", model.constant("w", {C, each, 1, c.taps}, w), model.constant("b", {K}, bias)},
        {{"strides", Dims{1, c.stride}},
         {"dilations", Dims{1, c.dilation}},
         {"pads", Dims{0, c.before, 0, c.after}},
         {"output_padding", Dims{0, c.more}},
         {"group", std::int64_t{c.groups}}});
    model.node("Conv", {y, model.constant("last", {1, K, 1, 1})});
    const DenseNetwork network = import_on(model.bytes(), x, {1, C, 1, size});
    const int outputs = (size - 1) * c.stride + (c.taps - 1) * c.dilation + 1 + c.more - c.before - c.after;
    Image expected(1, K, 1, outputs);
    for (int k = 0; k < K; ++k) {
      for (int q = 0; q < outputs; ++q)
        expected.at(0, k, 0, q) = static_cast<double>(bias[static_cast<std::size_t>(k)]);
      for (int channel = 0; channel < C / c.groups; ++channel) {
        const int from = k / each * (C / c.groups) + channel;
        for (int i = 0; i < size; ++i) {
          for (int tap = 0; tap < c.taps; ++tap) {
            const int q = i * c.stride + tap * c.dilation - c.before;
            if (q < 0 || q >= outputs) continue;
            expected.at(0, k, 0, q) +=
                static_cast<double>(x[static_cast<std::size_t>(from * size + i)]) *
                static_cast<double>(w[static_cast<std::size_t>((from * each + k % each) * c.taps + tap)]);
          }
        }
      }
    }
    expect_input(network.layers.back(), expected);
  }
}

// Of 3 planes under 2 taps two outputs: two images of 2 * 2 channels.
TEST(OnnxLayerKinds, PlanesOfAVolumeAreChannels) {
  ModelBuilder model({1, 2, 3, 4, 4});
  const auto x = model.draw({1, 2, 3, 4, 4}), w = model.draw({3, 2, 2, 1, 1});
  const std::string y = model.node("Conv", {"x", model.constant("w", {3, 2, 2, 1, 1}, w)});
  model.node("Conv", {y, model.constant("last", {1, 3, 1, 1, 1})});
  const DenseNetwork network = import_on(model.bytes(), x, {1, 2, 3, 4, 4});
  EXPECT_EQ(network.layers[0].shape, (LayerShape{.N = 2, .C = 4, .H = 4, .W = 4, .K = 3}));
  EXPECT_EQ(network.layers[0].shape.macs(), 2 * 4 * 4 * 3 * 2 * 2);
  const DenseLayer& next = network.layers[1];  // N = 2 planes, H, W, K
  for (std::size_t d = 0; d < 2; ++d) {
    for (std::size_t at = 0; at < 16; ++at) {
      for (std::size_t k = 0; k < 3; ++k) {
        float sum = 0;
        for (std::size_t c = 0; c < 2; ++c) {
          for (std::size_t tap = 0; tap < 2; ++tap)
            sum += w[(k * 2 + c) * 2 + tap] * x[(c * 3 + d + tap) * 16 + at];
        }
        EXPECT_NEAR(input_at(next, (d * 16 + at) * 3 + k), sum, 0.51 * next.activation_scale);
      }
    }
  }
}

// 5 steps of 24 * 4 for the inputs, 16 * 8 for two gates of the state and 8 * 8 for the reset state.
TEST(OnnxLayerKinds, GruIsItsProductsStepByStep) {
  ModelBuilder model({5, 1, 4});
  auto* node = model.graph().add_node();
  node->set_op_type("GRU");
  for (const std::string& input :
       {std::string("x"), model.constant("w", {1, 24, 4}), model.constant("r", {1, 24, 8})})
    node->add_input(input);
  node->add_output("");  // all steps' states are not asked for
  node->add_output("last");
  const DenseNetwork network = import_bytes(model.bytes());
  EXPECT_EQ(macs(network), 5 * (24 * 4 + 24 * 8));
  EXPECT_EQ(layer(network, "last.input").shape, (LayerShape{.N = 5, .C = 4, .K = 24}));
  EXPECT_EQ(layer(network, "last.recurrent").shape, (LayerShape{.N = 5, .C = 8, .K = 16}));
  EXPECT_EQ(layer(network, "last.candidate").shape, (LayerShape{.N = 5, .C = 8, .K = 8}));
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(layer(network, "last.recurrent").ifmap[i], 0) << "a first state of 0";
}

TEST(OnnxLayerKinds, LstmOfTwoDirections) {
  ModelBuilder model({5, 1, 4});
  const std::string y =
      model.node("LSTM", {"x", model.constant("w", {2, 32, 4}), model.constant("r", {2, 32, 8})},
                 {{"hidden_size", std::int64_t{8}}, {"direction", std::string("bidirectional")}});
  const DenseNetwork network = import_bytes(model.bytes());
  EXPECT_EQ(macs(network), 2 * 5 * (32 * 4 + 32 * 8));
  EXPECT_EQ(network.layers[3].name, y + ".recurrent.reverse");
}

}  // namespace
}  // namespace basil::testing
