// Operators, pools and convolutions by themselves.
#include "traces/onnx/operators/operators.h"

#include "core/testing/property_check.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/model_builder.h"
#include "traces/onnx/pool.h"
#include "traces/onnx/reference.h"

namespace basil::onnx_import {
namespace {

using Reals = std::vector<float>;
using Integers = std::vector<std::int64_t>;

Node node_of(const std::string& op, std::map<std::string, Attribute> attributes = {}) {
  return {.name = "n", .op = op, .inputs = {}, .outputs = {"y"}, .attributes = std::move(attributes)};
}

Tensor run(const Node& node, const std::vector<Tensor>& inputs) {
  std::vector<const Tensor*> pointers;
  pointers.reserve(inputs.size());
  for (const Tensor& tensor : inputs) pointers.push_back(&tensor);
  const Call call(node, pointers);
  if (is_pool(call)) return pool(call, pool_axes(node, inputs[0].shape));
  return (*find_operator(node.op))(call).front();
}

Tensor reals(Axes shape, Reals values) { return {.shape = std::move(shape), .elements = std::move(values)}; }
Tensor integers(Integers values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {.shape = {size}, .elements = std::move(values)};
}
Tensor ramp(Axes shape) {
  Tensor tensor = make_reals(std::move(shape), "ramp");
  float next = 0;
  for (float& value : std::get<Reals>(tensor.elements)) value = next++;
  return tensor;
}

void expect(const Tensor& tensor, const Axes& shape, const Reals& values) {
  EXPECT_EQ(tensor.shape, shape);
  EXPECT_EQ(tensor.reals("test"), values);
}

TEST(OnnxOperators, ShapesAreSaidAnew) {
  const Tensor x = ramp({2, 3, 1, 2});
  EXPECT_EQ(run(node_of("Flatten"), {x}).shape, (Axes{2, 6}));
  EXPECT_EQ(run(node_of("Flatten", {{"axis", 0}}), {x}).shape, (Axes{1, 12}));
  EXPECT_EQ(run(node_of("Flatten", {{"axis", 4}}), {x}).shape, (Axes{12, 1}));
  EXPECT_EQ(run(node_of("Flatten", {{"axis", -1}}), {x}).shape, (Axes{6, 2}));
  EXPECT_EQ(run(node_of("Reshape"), {x, integers({0, -1})}).shape, (Axes{2, 6}));
  EXPECT_EQ(run(node_of("Squeeze"), {x}).shape, (Axes{2, 3, 2}));
  EXPECT_EQ(run(node_of("Squeeze"), {x, integers({-2})}).shape, (Axes{2, 3, 2}));
  EXPECT_EQ(run(node_of("Unsqueeze", {{"axes", Integers{0, 5}}}), {x}).shape, (Axes{1, 2, 3, 1, 2, 1}));
  EXPECT_EQ(run(node_of("Shape"), {x}).integers("test"), (Integers{2, 3, 1, 2}));
  EXPECT_EQ(run(node_of("Dropout"), {x}).shape, x.shape);
}

TEST(OnnxOperators, ElementsAreMoved) {
  expect(run(node_of("Transpose"), {ramp({2, 3})}), {3, 2}, {0, 3, 1, 4, 2, 5});
  expect(run(node_of("Transpose", {{"perm", Integers{1, 0, 2}}}), {ramp({2, 2, 2})}), {2, 2, 2},
         {0, 1, 4, 5, 2, 3, 6, 7});
  expect(run(node_of("Concat", {{"axis", 1}}), {ramp({2, 1}), ramp({2, 2})}), {2, 3}, {0, 0, 1, 1, 2, 3});
  expect(run(node_of("Gather"), {ramp({3, 2}), integers({-1, 0})}), {2, 2}, {4, 5, 0, 1});
}

TEST(OnnxOperators, ElementsAreComputed) {
  expect(run(node_of("Add"), {ramp({2, 2}), reals({2}, {10, 20})}), {2, 2}, {10, 21, 12, 23});
  expect(run(node_of("Mul"), {reals({2, 1}, {1, 2}), reals({1, 2}, {3, 4})}), {2, 2}, {3, 4, 6, 8});
  expect(run(node_of("Sub"), {reals({}, {1}), ramp({3})}), {3}, {1, 0, -1});
  expect(run(node_of("Clip", {{"min", -1.0F}, {"max", 1.0F}}), {reals({3}, {-2, 0.5F, 2})}), {3},
         {-1, 0.5F, 1});
  expect(run(node_of("LeakyRelu", {{"alpha", 0.5F}}), {reals({2}, {-2, 2})}), {2}, {-1, 2});
  const Tensor soft = run(node_of("Softmax"), {reals({1, 2}, {1000, 1000})});
  expect(soft, {1, 2}, {0.5F, 0.5F});
}

TEST(OnnxOperators, PoolsCountThePaddingTheyAreToldTo) {
  const Tensor x = ramp({1, 1, 2, 2});  // 0 1 / 2 3
  const Node plain =
      node_of("AveragePool", {{"kernel_shape", Integers{2, 2}}, {"pads", Integers{1, 1, 0, 0}}});
  expect(run(plain, {x}), {1, 1, 2, 2}, {0, 0.5F, 1, 1.5F});
  const Node counted =
      node_of("AveragePool",
              {{"kernel_shape", Integers{2, 2}}, {"pads", Integers{1, 1, 0, 0}}, {"count_include_pad", 1}});
  expect(run(counted, {x}), {1, 1, 2, 2}, {0, 0.25F, 0.5F, 1.5F});
  expect(run(node_of("GlobalAveragePool"), {x}), {1, 1, 1, 1}, {1.5F});
  expect(run(node_of("ReduceMean", {{"axes", Integers{-1, -2}}, {"keepdims", 0}}), {x}), {1, 1}, {1.5F});
}

TEST(OnnxOperators, CeilModeCutsTheLastWindowShort) {
  // 5 columns, windows of 2 at 0, 2 and, cut short, 4; the average there is over what is left.
  const std::map<std::string, Attribute> settings{
      {"kernel_shape", Integers{2}}, {"strides", Integers{2}}, {"ceil_mode", 1}, {"count_include_pad", 1}};
  expect(run(node_of("MaxPool", settings), {ramp({1, 1, 5})}), {1, 1, 3}, {1, 3, 4});
  expect(run(node_of("AveragePool", settings), {ramp({1, 1, 5})}), {1, 1, 3}, {0.5F, 2.5F, 4});
  // 4 columns and a padding of 1 before: a third window would start at 3 and counts; a fourth would not.
  const Node padded = node_of(
      "MaxPool",
      {{"kernel_shape", Integers{2}}, {"strides", Integers{2}}, {"pads", Integers{1, 0}}, {"ceil_mode", 1}});
  expect(run(padded, {ramp({1, 1, 4})}), {1, 1, 3}, {0, 2, 3});
}

TEST(OnnxOperators, ConvolutionEqualsThePlainOne) {
  check_property(100, [] {
    const auto number = [](int least, int most) { return *rc::gen::inRange(least, most + 1); };
    LayerShape s;
    s.groups = number(1, 3);
    s.N = number(1, 3);
    s.C = s.groups * number(1, 4);
    s.K = s.groups * number(1, 4);
    s.H = number(3, 9);
    s.W = number(3, 9);
    s.R = number(1, 3);
    s.S = number(1, 3);
    s.stride_y = number(1, 3);
    s.stride_x = number(1, 3);
    s.pad_top = number(0, 2);
    s.pad_bottom = number(2, 3);
    s.pad_left = number(0, 2);
    s.pad_right = number(2, 3);
    s.dilation_y = number(1, 2);
    s.dilation_x = number(1, 2);
    testing::ModelBuilder source({1}, static_cast<std::uint64_t>(number(0, 1000)));
    Filters filters{
        .K = s.K, .depth = s.C / s.groups, .R = s.R, .S = s.S, .axes = 2, .weights = {}, .bias = {}};
    filters.weights = source.draw({s.K, filters.depth, s.R, s.S});
    filters.bias = source.draw({s.K});
    const Reals input = source.draw({s.N, s.C, s.H, s.W});
    const Reals found = convolve(s, filters, input);
    const auto plain = testing::conv({s.N, s.C, s.H, s.W, input}, s, filters.weights, filters.bias);
    RC_ASSERT(found.size() == plain.values.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      RC_ASSERT(std::abs(static_cast<double>(found[i]) - plain.values[i]) < 1e-4);
  });
}

}  // namespace
}  // namespace basil::onnx_import
