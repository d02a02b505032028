// Models that cannot be taken: one line that names the place, and never a crash.
#include "traces/onnx/model_builder.h"

namespace basil::testing {
namespace {

void expect_refusal(const std::string& bytes, const std::string& found) {
  const std::string text = refusal(bytes);
  EXPECT_NE(text.find(found), std::string::npos) << text;
  EXPECT_NE(text.find("model.onnx: "), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

ModelBuilder conv_model() {
  ModelBuilder model({1, 2, 5, 5});
  model.node("Conv", {"x", model.constant("w", {3, 2, 3, 3}), model.constant("b", {3})});
  return model;
}

TEST(OnnxRefusals, UnsupportedOperatorsWithTheListAndTheNearest) {
  ModelBuilder model({1, 2, 5, 5});
  model.node("Conv", {model.node("Sigmiod", {"x"}), model.constant("w", {3, 2, 3, 3})});
  expect_refusal(model.bytes(), "node Sigmiod1 (Sigmiod): an operator that is not supported");
  expect_refusal(model.bytes(), "Div, Dropout");
  expect_refusal(model.bytes(), "did you mean Sigmoid?");
  ModelBuilder foreign = conv_model();
  foreign.graph().mutable_node(0)->set_domain("com.example");
  expect_refusal(foreign.bytes(),
                 "no layer with weights; node Conv1 (com.example.Conv): an operator that is not supported");
}

TEST(OnnxRefusals, OpsetsThatAreNotFollowed) {
  for (const int opset : {6, 22, 99}) {
    ModelBuilder model = conv_model();
    model.model().mutable_opset_import(0)->set_version(opset);
    expect_refusal(model.bytes(), "model: opset " + std::to_string(opset) + ", expected 7 to 21");
  }
  ModelBuilder silent = conv_model();
  silent.model().clear_opset_import();
  expect_refusal(silent.bytes(), "model: no opset of ONNX' own operators");
}

TEST(OnnxRefusals, GraphsThatDoNotHangTogether) {
  ModelBuilder cycle = conv_model();
  cycle.node("Add", {"Conv1", "Relu3"});
  cycle.node("Relu", {"Add2"});
  expect_refusal(cycle.bytes(), "node Add2 (Add): an input 'Relu3' that no node before it makes");
  ModelBuilder twice = conv_model();
  twice.graph().mutable_node(0)->set_output(0, "x");
  expect_refusal(twice.bytes(), "a second value");
  ModelBuilder absent = conv_model();
  absent.graph().mutable_node(0)->clear_input();
  expect_refusal(absent.bytes(), "node Conv1 (Conv): no input 1");
  ModelBuilder nothing({1, 4});
  nothing.node("Relu", {"x"});
  expect_refusal(nothing.bytes(), "no layer with weights");
  ModelBuilder output = conv_model();
  output.graph().add_output()->set_name("nowhere");
  expect_refusal(output.bytes(), "graph output nowhere");
  ModelBuilder two = conv_model();
  two.graph().add_input()->set_name("second");
  expect_refusal(two.bytes(), "graph input second: no shape, expected an input (.npy) that settles it");
}

TEST(OnnxRefusals, ShapesThatDoNotFit) {
  ModelBuilder depth({1, 3, 5, 5});
  depth.node("Conv", {"x", depth.constant("w", {3, 2, 3, 3})});
  expect_refusal(depth.bytes(), "node Conv1 (Conv): 3 channels in 1 groups, 3 filters of depth 2");
  ModelBuilder large({1, 2, 2, 5});
  large.node("Conv", {"x", large.constant("w", {3, 2, 3, 3})});
  expect_refusal(large.bytes(), "layer Conv1: R: 3 filter rows");
  ModelBuilder kernel({1, 2, 5, 5});
  kernel.node("Conv", {"x", kernel.constant("w", {3, 2, 3, 3})}, {{"kernel_shape", Dims{2, 2}}});
  expect_refusal(kernel.bytes(), "kernel_shape");
  ModelBuilder stride({1, 2, 5, 5});
  stride.node("Conv", {"x", stride.constant("w", {3, 2, 3, 3})}, {{"strides", Dims{0, 1}}});
  expect_refusal(stride.bytes(), "node Conv1 (Conv): strides: 0, expected 1 to");
  ModelBuilder bias({1, 4});
  bias.node("Gemm", {"x", bias.constant("w", {4, 3}), bias.constant("b", {2})});
  expect_refusal(bias.bytes(), "node Gemm1 (Gemm): bias: (2,)");
  ModelBuilder computed({1, 4});
  computed.node("MatMul", {"x", "x"});
  expect_refusal(computed.bytes(), "node MatMul1 (MatMul): shapes (1, 4) and (1, 4)");
  ModelBuilder axes({1, 1, 3, 3, 3, 3});
  axes.node("Conv", {"x", axes.constant("w", {1, 1, 3, 3, 3, 3})});
  expect_refusal(axes.bytes(), "shape (1, 1, 3, 3, 3, 3)");
  ModelBuilder padding({1, 1, 2});
  padding.node("MaxPool", {"x"}, {{"kernel_shape", Dims{1}}, {"pads", Dims{1, 1}}});
  expect_refusal(padding.bytes(), "a window that lies in the padding alone");
}

TEST(OnnxRefusals, SizesNobodyCanRun) {
  ModelBuilder image({1, 1, 100000, 100000});
  image.node("Conv", {"x", image.constant("w", {1, 1, 1, 1})});
  expect_refusal(image.bytes(), "elements together");
  ModelBuilder ranks(Dims(1000, 1));
  ranks.node("Relu", {"x"});
  expect_refusal(ranks.bytes(), "1000 axes");
  ModelBuilder claim({1, 4});
  claim.node("MatMul", {"x", claim.constant("w", {1 << 14, 1 << 14}, {1, 2})});
  expect_refusal(claim.bytes(), "initializer w: 8 bytes, expected 268435456 values");
  ModelBuilder growth({1, 2, 2, 2});
  growth.node("Conv", {"x", growth.constant("w", {1, 2, 1, 1})},
              {{"pads", Dims{1 << 19, 1 << 19, 1 << 19, 1 << 19}}});
  expect_refusal(growth.bytes(), "elements together");
}

TEST(OnnxRefusals, TensorsThatAreElsewhereOrOfAnotherKind) {
  ModelBuilder external = conv_model();
  external.graph().mutable_initializer(0)->set_data_location(onnx::TensorProto::EXTERNAL);
  expect_refusal(external.bytes(), "initializer w: external data '': a path that leads elsewhere");
  ModelBuilder text = conv_model();
  text.graph().mutable_initializer(0)->set_data_type(onnx::TensorProto::STRING);
  expect_refusal(text.bytes(), "initializer w: data type STRING");
  ModelBuilder kind = conv_model();
  kind.graph().mutable_initializer(0)->set_data_type(99);
  expect_refusal(kind.bytes(), "data type 99");
  ModelBuilder infinite({1, 1});
  infinite.node("MatMul", {"x", infinite.constant("w", {1, 1}, {INFINITY})});
  expect_refusal(infinite.bytes(), "node MatMul1 (MatMul): weights: a value that is not finite");
  ModelBuilder overflow({1, 1});
  overflow.node("MatMul", {overflow.node("MatMul", {"x", overflow.constant("w", {1, 1}, {3e38F})}),
                           overflow.constant("v", {1, 1}, {3e38F})});
  overflow.node("MatMul", {"MatMul2", "w"});
  expect_refusal(overflow.bytes(), "layer MatMul3: input: a value that is not finite");
  ModelBuilder variance = conv_model();
  variance.node("BatchNormalization", {"Conv1", "b", "b", "b", variance.constant("v", {3}, {1, 1, -4})});
  expect_refusal(variance.bytes(), "not finite once all is folded");
}

TEST(OnnxRefusals, FilesThatAreNoModel) {
  expect_refusal("", "not an ONNX model");
  expect_refusal("PK\x03\x04 a zip, perhaps", "not an ONNX model");
  const std::string whole = conv_model().bytes();
  expect_refusal(whole.substr(0, whole.size() - 5), "not an ONNX model");
  try {
    (void)read_onnx("/nonexistent/model.onnx", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/model.onnx: no such file, expected an ONNX model");
  }
}

TEST(OnnxRefusals, InputsThatDoNotFitTheGraph) {
  const std::string bytes = conv_model().bytes();
  const std::vector<float> image(50, 1.0F);
  const auto refused = [&](const std::vector<float>& values, const Dims& dims) -> std::string {
    try {
      (void)import_on(bytes, values, dims);
      return "";
    } catch (const Error& error) { return error.what(); }
  };
  EXPECT_EQ(refused(image, {1, 2, 5, 5}), "");
  EXPECT_NE(refused(image, {5, 2, 5}).find("shape (5, 2, 5), expected (1, 2, 5, 5)"), std::string::npos);
  std::vector<float> broken = image;
  broken[3] = NAN;
  EXPECT_NE(refused(broken, {1, 2, 5, 5}).find("image.npy: a value that is not finite"), std::string::npos);
  ModelBuilder open({0, 2, 0, 0});
  open.node("Conv", {"x", open.constant("w", {3, 2, 3, 3})});
  expect_refusal(open.bytes(), "graph input: shape (1, 2, any, any)");
  EXPECT_EQ(import_on(open.bytes(), image, {1, 2, 5, 5}).layers[0].shape.H, 5);
}

// float_data, raw_data and double_data hold the same weights; half precision those it can.
TEST(OnnxRefusals, EveryRealTypeIsConverted) {
  const std::vector<float> values{1, -0.5F, 0.25F, 6.103515625e-05F};
  const std::vector<std::int32_t> halves{0x3c00, 0xb800, 0x3400, 0x0400},
      bfloats{0x3f80, 0xbf00, 0x3e80, 0x3880};
  for (const int type : {onnx::TensorProto::FLOAT, onnx::TensorProto::DOUBLE, onnx::TensorProto::FLOAT16,
                         onnx::TensorProto::BFLOAT16}) {
    ModelBuilder model({1, 2});
    auto* tensor = model.add_tensor("w", {2, 2}, type);
    for (std::size_t i = 0; i < 4; ++i) {
      if (type == onnx::TensorProto::FLOAT) tensor->add_float_data(values[i]);
      if (type == onnx::TensorProto::DOUBLE) tensor->add_double_data(static_cast<double>(values[i]));
      if (type == onnx::TensorProto::FLOAT16) tensor->add_int32_data(halves[i]);
      if (type == onnx::TensorProto::BFLOAT16) tensor->add_int32_data(bfloats[i]);
    }
    model.node("Gemm", {"x", "w"}, {{"transB", std::int64_t{1}}});
    EXPECT_EQ(import_bytes(model.bytes()).layers[0].weights, values) << type;
  }
}

}  // namespace
}  // namespace basil::testing
