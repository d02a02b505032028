// Models as people have them: tails nobody simulates, weights beside the model, several inputs, branches.
#include <algorithm>
#include <cmath>

#include "traces/onnx/model_builder.h"

namespace basil::testing {
namespace {

constexpr std::int64_t conv_macs = 6 * 6 * 4 * 27;

ModelBuilder small_conv() {
  ModelBuilder model({1, 3, 8, 8});
  model.node("Conv", {"x", model.constant("w", {4, 3, 3, 3})});
  return model;
}

struct Import {
  DenseNetwork network;
  std::vector<std::string> notes;
};

Import import_in(const std::filesystem::path& folder, const std::string& bytes,
                 std::vector<OnnxInput> inputs = {}) {
  store(folder / "model.onnx", bytes);
  Import import;
  import.network = read_onnx(folder / "model.onnx", {.inputs = std::move(inputs), .note = [&](const std::string& text) {
                                                       import.notes.push_back(text);
}
}  // namespace
);
return import;
}  // namespace basil::testing

Import import_noted(const std::string& bytes) {
  const Scratch folder;
  return import_in(folder / "", bytes);
}

float input_at(const DenseLayer& layer, std::size_t i) {
  return static_cast<float>(layer.ifmap[i]) * layer.activation_scale;
}

TEST(OnnxFieldCases, WhatLiesBehindTheLastLayerStopsNothing) {
  ModelBuilder model = small_conv();
  model.node("Relu", {model.node("NonMaxSuppression", {"Conv1", "Conv1"})});
  model.graph().add_output()->set_name("Relu3");
  const Import import = import_noted(model.bytes());
  ASSERT_EQ(import.network.layers.size(), 1U);
  EXPECT_EQ(import.network.layers[0].shape.macs(), conv_macs);
  ASSERT_EQ(import.notes.size(), 1U);
  EXPECT_NE(import.notes[0].find("left out, no layer depends on it: node NonMaxSuppression2"),
            std::string::npos)
      << import.notes[0];
  EXPECT_NE(import.network.activations.find("left out behind the last layer: 1 node"), std::string::npos);
  ModelBuilder before({1, 3, 8, 8});
  before.node("Conv", {before.node("NonMaxSuppression", {"x"}), before.constant("w", {4, 3, 3, 3})});
  EXPECT_NE(
      refusal(before.bytes()).find("node NonMaxSuppression1 (NonMaxSuppression): an operator that is not"),
      std::string::npos);
}

TEST(OnnxFieldCases, TailsThatCanBeExecutedAre) {
  ModelBuilder model = small_conv();
  const std::string space = model.node("DepthToSpace", {"Conv1"}, {{"blocksize", std::int64_t{2}}});
  model.node("ArgMax", {model.node("Log", {space})});
  const Import import = import_noted(model.bytes());
  EXPECT_EQ(import.network.layers.size(), 1U);
  EXPECT_TRUE(import.notes.empty());
}

TEST(OnnxFieldCases, BoundsAndLeftOversMayBeInfinite) {
  ModelBuilder model = small_conv();
  model.constant("left_over", {1}, {INFINITY});
  const std::string bounded =
      model.node("Clip", {"Conv1", model.constant("low", {}, {0}), model.constant("high", {}, {INFINITY})});
  model.node("Conv", {bounded, model.constant("v", {1, 4, 1, 1})});
  const DenseNetwork network = import_bytes(model.bytes());
  EXPECT_TRUE(network.layers[0].relu);
  EXPECT_GT(*std::max_element(network.layers[1].ifmap.begin(), network.layers[1].ifmap.end()), 0);
}

// The initialiser's bytes from `offset` on in a file beside the model.
std::string outside(ModelBuilder model, const std::string& location, const std::string& offset) {
  auto* tensor = model.graph().mutable_initializer(0);
  tensor->clear_raw_data();
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] :
       {std::pair{"location", location}, {"offset", offset}, {"length", std::string("432")}}) {
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return model.bytes();
}

TEST(OnnxFieldCases, WeightsBesideTheModel) {
  ModelBuilder model = small_conv();
  const DenseNetwork whole = import_bytes(model.bytes());
  const Scratch folder;
  store(folder / "w.bin", "12345678" + model.graph().initializer(0).raw_data());
  EXPECT_EQ(import_in(folder / "", outside(model, "w.bin", "8")).network.layers[0].weights,
            whole.layers[0].weights);
  const auto refused = [&](const std::string& location, const std::string& offset) -> std::string {
    try {
      (void)import_in(folder / "", outside(model, location, offset));
      return "";
    } catch (const Error& error) { return error.what(); }
  };
  EXPECT_NE(refused("../w.bin", "8").find("'../w.bin': a path that leads elsewhere"), std::string::npos);
  EXPECT_NE(refused("/etc/passwd", "0").find("a path that leads elsewhere"), std::string::npos);
  EXPECT_NE(refused("absent.bin", "0").find("'absent.bin': no such file"), std::string::npos);
  EXPECT_NE(refused("w.bin", "9").find("a file of 440 bytes, expected 432 bytes from 9 on"),
            std::string::npos);
  EXPECT_NE(refused("w.bin", "-1").find("offset: '-1'"), std::string::npos);
  const Scratch elsewhere;
  store(elsewhere / "secret.bin", std::string(432, 'x'));
  std::filesystem::create_symlink(elsewhere / "secret.bin", folder / "link.bin");
  EXPECT_NE(refused("link.bin", "0").find("a link that leads elsewhere"), std::string::npos);
}

ModelBuilder two_inputs() {
  ModelBuilder model({1, 3, 8, 8});
  model.input("m", {1});
  const std::string c = model.node("Conv", {"x", model.constant("w", {2, 3, 1, 1})});
  model.node("Conv", {model.node("Mul", {c, "m"}), model.constant("v", {1, 2, 1, 1})});
  return model;
}

TEST(OnnxFieldCases, SeveralInputsAreGivenByNameOrDrawn) {
  const std::string bytes = two_inputs().bytes();
  const DenseNetwork drawn = import_bytes(bytes);
  EXPECT_EQ(drawn.layers[0].shape.macs(), 8 * 8 * 2 * 3);
  EXPECT_EQ(drawn.activations, "seeded random input, seed 1");
  const Scratch folder;
  const std::vector<double> factor{0};
  store(folder / "m.npy", NpyArray::of(std::span<const double>(factor), {1}).member());
  const DenseNetwork given = import_in(folder / "", bytes, {{"m", folder / "m.npy"}}).network;
  EXPECT_EQ(given.layers[0].ifmap, drawn.layers[0].ifmap);
  EXPECT_TRUE(
      std::all_of(given.layers[1].ifmap.begin(), given.layers[1].ifmap.end(), [](int x) { return x == 0; }));
  EXPECT_EQ(given.activations, "the graph run in floating point on m.npy; x: seeded random input, seed 1");
  try {
    (void)import_in(folder / "", bytes, {{"", folder / "m.npy"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a graph of 2 inputs, expected NAME=FILE.npy for one of x, m"),
              std::string::npos);
  }
  EXPECT_THROW((void)import_in(folder / "", bytes, {{"n", folder / "m.npy"}}), Error);
}

TEST(OnnxFieldCases, HalvesAreTakenAndABatchIsAdded) {
  const Scratch folder;
  std::vector<std::uint16_t> halves(3 * 8 * 8, 0x3800);  // 0.5
  std::string npy = NpyArray::of(std::span<const std::uint16_t>(halves), {3, 8, 8}).member();
  npy.replace(npy.find("u2"), 2, "f2");
  store(folder / "x.npy", npy);
  const Import import = import_in(folder / "", small_conv().bytes(), {{"", folder / "x.npy"}});
  EXPECT_FLOAT_EQ(input_at(import.network.layers[0], 0), 0.5F);
  ASSERT_EQ(import.notes.size(), 1U);
  EXPECT_NE(import.notes[0].find("shape (3, 8, 8), taken as a batch of one, (1, 3, 8, 8)"),
            std::string::npos);
}

// A branch of one Conv, named, that reads the graph's x.
void add_branch(onnx::AttributeProto& attribute, const std::string& name, const std::string& weights) {
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::GRAPH);
  auto* graph = attribute.mutable_g();
  auto* node = graph->add_node();
  node->set_op_type(weights.empty() ? "Unheard" : "Conv");
  node->add_input("x");
  if (!weights.empty()) node->add_input(weights);
  node->add_output(name + ".out");
  graph->add_output()->set_name(name + ".out");
}

TEST(OnnxFieldCases, AConstantConditionChoosesItsBranch) {
  ModelBuilder model({1, 3, 8, 8});
  model.input("rate", {}, onnx::TensorProto::INT64);
  model.constant("w", {2, 3, 1, 1});
  model.add_tensor("sixteen", {}, onnx::TensorProto::INT64)->add_int64_data(16);
  const std::string condition = model.node("Equal", {"rate", "sixteen"});
  auto* node = model.graph().add_node();
  node->set_op_type("If");
  node->add_input(condition);
  node->add_output("y");
  add_branch(*node->add_attribute(), "then_branch", "w");
  add_branch(*node->add_attribute(), "else_branch", "");
  model.node("Conv", {"y", model.constant("v", {1, 2, 1, 1})});
  const Scratch folder;
  const std::vector<std::int64_t> rate{16};
  store(folder / "rate.npy", NpyArray::of(std::span<const std::int64_t>(rate), {}).member());
  const DenseNetwork network = import_in(folder / "", model.bytes(), {{"rate", folder / "rate.npy"}}).network;
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[0].shape.macs(), 384);
  EXPECT_EQ(network.layers[0].name, "then_branch.out");
  EXPECT_NE(refusal(model.bytes()).find("node else_branch.out (Unheard): an operator that is not supported"),
            std::string::npos)
      << "a rate that nobody gave is 0";
}

}  // namespace
}  // namespace basil::testing
