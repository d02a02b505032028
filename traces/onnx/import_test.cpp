// Models built through protobuf, imported, and held against the golden executor: what a layer computes from
// its noted input is what the next layer notes as its own.
#include "traces/onnx/import.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <fstream>
#include <random>

#include "core/error.h"
#include "traces/encodings/encode.h"
#include "traces/file/npy.h"
#include "traces/golden/golden.h"

namespace basil {
namespace {

class ModelBuilder {
 public:
  explicit ModelBuilder(const std::vector<std::int64_t>& input_shape) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(13);
    auto* graph = model_.mutable_graph();
    graph->set_name("built");
    auto* input = graph->add_input();
    input->set_name("x");
    for (const std::int64_t size : input_shape) {
      auto* dimension = input->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim();
      if (size > 0) dimension->set_dim_value(size);
    }
  }

  // A constant of seeded values in [low, high), as raw bytes or as a list.
  std::string constant(const std::string& name, const std::vector<std::int64_t>& shape, float low = -1,
                       float high = 1, bool raw = true) {
    std::vector<float> values;
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    for (std::int64_t i = 0; i < count; ++i)
      values.push_back(low +
                       (high - low) * static_cast<float>(random_() >> 40) / static_cast<float>(1 << 24));
    auto* tensor = model_.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : shape) tensor->add_dims(size);
    if (raw) {
      tensor->set_raw_data(values.data(), values.size() * sizeof(float));
    } else {
      for (const float value : values) tensor->add_float_data(value);
    }
    return name;
  }

  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::map<std::string, std::vector<std::int64_t>>& integers = {},
                   const std::map<std::string, std::string>& texts = {}) {
    auto* node = model_.mutable_graph()->add_node();
    node->set_op_type(op);
    node->set_name(op + std::to_string(model_.graph().node_size()));
    for (const std::string& input : inputs) node->add_input(input);
    for (const auto& [name, values] : integers) {
      auto* attribute = node->add_attribute();
      attribute->set_name(name);
      const bool single = name == "group" || name == "transB" || name == "axis";
      attribute->set_type(single ? onnx::AttributeProto::INT : onnx::AttributeProto::INTS);
      if (single) attribute->set_i(values[0]);
      for (const std::int64_t value : values) attribute->add_ints(value);
    }
    for (const auto& [name, text] : texts) {
      auto* attribute = node->add_attribute();
      attribute->set_name(name);
      attribute->set_type(onnx::AttributeProto::STRING);
      attribute->set_s(text);
    }
    node->add_output(node->name() + ".out");
    return node->output(0);
  }

  [[nodiscard]] std::string bytes() const { return model_.SerializeAsString(); }

 private:
  onnx::ModelProto model_;
  std::mt19937_64 random_{7};
};

DenseNetwork import_bytes(const std::string& bytes, const OnnxOptions& options = {}) {
  const std::string file = ::testing::TempDir() + "basil_import_test_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".onnx";
  std::ofstream(file, std::ios::binary) << bytes;
  try {
    DenseNetwork network = read_onnx(file, options);
    std::filesystem::remove(file);
    return network;
  } catch (const Error&) {
    std::filesystem::remove(file);
    throw;
  }
}

std::string refusal(const std::string& bytes) {
  try {
    (void)import_bytes(bytes);
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

// The layer run by the golden executor on its noted input, in real numbers, after its ReLU.
Ofmap real_output(const DenseLayer& dense) {
  Layer layer;
  layer.name = dense.name;
  layer.kind = dense.kind;
  layer.shape = dense.shape;
  const LayerShape& s = layer.shape;
  layer.weights = encode_real(&dense_encoding, {s.K, s.R, s.S, s.channels_per_group()}, dense.weights);
  std::vector<float> ifmap;
  for (const std::int16_t value : dense.ifmap)
    ifmap.push_back(static_cast<float>(value) * dense.activation_scale);
  layer.ifmap = encode_real(&dense_encoding, {s.N, s.H, s.W, s.C}, ifmap);
  layer.bias_real = dense.bias;
  Ofmap ofmap = run_golden(layer);
  if (dense.relu) {
    for (double& value : ofmap.reals) value = std::max(value, 0.0);
  }
  return ofmap;
}

// Inputs are noted with 8 bits, so an output is known to half a step of the input for each of its terms; on
// average errors cancel, and 3 % of the largest output is ample.
void expect_flows_into(const DenseLayer& from, const DenseLayer& into) {
  const std::vector<double> outputs = real_output(from).reals;
  ASSERT_EQ(outputs.size(), into.ifmap.size());
  double largest = 0;
  for (const double output : outputs) largest = std::max(largest, std::abs(output));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ASSERT_NEAR(outputs[i], static_cast<double>(static_cast<float>(into.ifmap[i]) * into.activation_scale),
                0.03 * largest)
        << i;
  }
}

std::string lenet() {
  ModelBuilder model({0, 2, 8, 8});
  const std::string conv = model.node(
      "Conv", {"x", model.constant("w1", {6, 2, 3, 3}), model.constant("b1", {6})}, {{"pads", {1, 1, 1, 1}}});
  const std::string norm =
      model.node("BatchNormalization", {conv, model.constant("g", {6}), model.constant("be", {6}),
                                        model.constant("m", {6}), model.constant("v", {6}, 0.5F, 2)});
  const std::string relu = model.node("Relu", {norm});
  const std::string second =
      model.node("Conv", {relu, model.constant("w2", {4, 6, 3, 3}, -1, 1, false)}, {{"strides", {2, 2}}});
  const std::string pool = model.node("MaxPool", {second}, {{"kernel_shape", {2, 2}}, {"strides", {1, 1}}});
  const std::string flat = model.node("Flatten", {pool}, {{"axis", {1}}});
  const std::string gemm = model.node(
      "Gemm", {flat, model.constant("w3", {10, 16}), model.constant("b3", {10})}, {{"transB", {1}}});
  model.node("Relu", {gemm});
  return model.bytes();
}

TEST(Onnx, FoldsBatchNormalisationAndNotesRealInputs) {
  const DenseNetwork network = import_bytes(lenet());
  ASSERT_EQ(network.layers.size(), 4U);  // conv, conv, the pool listed, gemm
  EXPECT_TRUE(network.layers[0].relu);
  EXPECT_FALSE(network.layers[1].relu);
  EXPECT_EQ(network.layers[2].kind, &pool_kind);
  EXPECT_EQ(network.layers[3].kind, &fc_kind);
  EXPECT_EQ(network.layers[3].shape.C, 16);
  EXPECT_NE(network.activations.find("seed 1"), std::string::npos);
  expect_flows_into(network.layers[0], network.layers[1]);
}

TEST(Onnx, TheInputFileIsWhatTheFirstLayerSees) {
  std::vector<float> image(2 * 8 * 8);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(static_cast<int>(i) - 64) / 64;
  const std::string file = ::testing::TempDir() + "basil_import_test_input.npy";
  std::ofstream(file, std::ios::binary) << NpyArray::of(std::span<const float>(image), {1, 2, 8, 8}).member();
  OnnxOptions options;
  options.inputs = {{"", file}};
  const DenseNetwork network = import_bytes(lenet(), options);
  EXPECT_EQ(network.layers[0].ifmap[0], -127);  // channel 0 of the first pixel
  EXPECT_EQ(network.layers[0].ifmap[1], 0);     // channel 1: the middle of the ramp
  EXPECT_NE(network.activations.find("input.npy"), std::string::npos);
  std::filesystem::remove(file);
}

TEST(Onnx, DepthwiseResidualAndSamePadding) {
  ModelBuilder model({1, 4, 7, 7});
  const std::string first = model.node("Conv", {"x", model.constant("w1", {4, 1, 3, 3})},
                                       {{"group", {4}}, {"strides", {1, 1}}}, {{"auto_pad", "SAME_UPPER"}});
  const std::string pointwise = model.node("Conv", {first, model.constant("w2", {4, 4, 1, 1})});
  const std::string sum = model.node("Add", {pointwise, "x"});
  const std::string relu = model.node("Relu", {sum});
  model.node("Conv", {relu, model.constant("w3", {2, 4, 3, 3})}, {{"strides", {2, 2}}},
             {{"auto_pad", "SAME_LOWER"}});
  const DenseNetwork network = import_bytes(model.bytes());
  ASSERT_EQ(network.layers.size(), 4U);
  EXPECT_EQ(network.layers[0].kind, &depthwise_kind);
  EXPECT_EQ(network.layers[0].shape.P(), 7);
  expect_flows_into(network.layers[0], network.layers[1]);
  EXPECT_FALSE(network.layers[1].relu) << "the ReLU after an addition is not the layer's own";
  EXPECT_EQ(network.layers[2].kind, &add_kind);
  EXPECT_EQ(network.layers[3].shape.P(), 4);
}

TEST(Onnx, OneDimensionalConvolutionAndMatMulWithBias) {
  ModelBuilder model({1, 3, 20});
  const std::string conv = model.node("Conv", {"x", model.constant("w1", {5, 3, 4})},
                                      {{"strides", {2}}, {"dilations", {2}}, {"pads", {1, 2}}});
  const std::string flat = model.node("Flatten", {conv});
  const std::string product = model.node("MatMul", {flat, model.constant("w2", {45, 6})});
  const std::string biased = model.node("Add", {product, model.constant("b2", {6})});
  model.node("MatMul", {biased, model.constant("w3", {6, 2})});
  const DenseNetwork network = import_bytes(model.bytes());
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[0].shape.H, 1);
  EXPECT_EQ(network.layers[0].shape.R, 1);
  EXPECT_EQ(network.layers[0].shape.Q(), 9);
  EXPECT_EQ(network.layers[1].bias.size(), 6U);
  expect_flows_into(network.layers[1], network.layers[2]);
}

TEST(Onnx, RefusalsNameTheNode) {
  ModelBuilder model({1, 4});
  model.node("MatMul", {model.node("Unheard", {"x"}), model.constant("w", {4, 2})});
  EXPECT_NE(refusal(model.bytes()).find("node Unheard1 (Unheard): an operator that is not supported"),
            std::string::npos);
  ModelBuilder dangling({1, 4});
  dangling.node("Relu", {"nobody"});
  EXPECT_NE(refusal(dangling.bytes()).find("'nobody'"), std::string::npos);
  ModelBuilder misfit({1, 4});
  misfit.node("MatMul", {"x", misfit.constant("w", {5, 2})});
  EXPECT_NE(refusal(misfit.bytes()).find("(1, 4)"), std::string::npos);
  ModelBuilder huge({1, 1, 100000, 100000});
  huge.node("Relu", {"x"});
  EXPECT_NE(refusal(huge.bytes()).find("elements together"), std::string::npos);
  EXPECT_NE(refusal("not a protobuf at all").find("not an ONNX model"), std::string::npos);
}

TEST(Onnx, MutatedModelsAreReadOrRefused) {
  const std::string original = lenet();
  std::mt19937_64 random(3);
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string bytes = original;
    for (std::uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1 + random() % 8);
          break;
        case 2:
          bytes.insert(at, 1 + random() % 4, static_cast<char>(random()));
          break;
        default:
          bytes.resize(at + 1);
          break;
      }
    }
    refused += refusal(bytes) == "accepted" ? 0 : 1;
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace basil
