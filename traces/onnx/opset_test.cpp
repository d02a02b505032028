// What an operator means depends on the opset that the model imports.
#include "traces/onnx/model_builder.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

using Reals = std::vector<float>;
using Integers = std::vector<std::int64_t>;

Tensor run_at(const std::string& op, std::int64_t opset, const std::vector<Tensor>& inputs,
              std::map<std::string, Attribute> attributes = {}) {
  const Node node{.name = "n",
                  .op = op,
                  .inputs = {},
                  .outputs = {"y"},
                  .attributes = std::move(attributes),
                  .opset = opset};
  std::vector<const Tensor*> pointers;
  for (const Tensor& tensor : inputs) pointers.push_back(&tensor);
  return (*find_operator(op))(Call(node, pointers)).front();
}

Tensor real_tensor(Axes shape, Reals values) {
  return {.shape = std::move(shape), .elements = std::move(values)};
}
Tensor integer_tensor(Integers values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {.shape = {size}, .elements = std::move(values)};
}

float sum(const Tensor& tensor) {
  float total = 0;
  for (const float value : tensor.reals("test")) total += value;
  return total;
}

// Before 13 axis 1 and all behind it are one line, by default; since, the lines lie along the last axis.
TEST(OnnxOpsets, SoftmaxIsFlattenedBefore13) {
  const Tensor channels = real_tensor({1, 6, 1, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_FLOAT_EQ(sum(run_at("Softmax", 11, {channels})), 1);
  EXPECT_FLOAT_EQ(sum(run_at("Softmax", 13, {channels})), 6);
  const Tensor x = real_tensor({2, 2, 2}, {0, 0, 0, 0, 1, 1, 1, 1});
  EXPECT_EQ(run_at("Softmax", 9, {x}).reals("y"), Reals(8, 0.25F));                 // 2 lines of 4
  EXPECT_EQ(run_at("Softmax", 13, {x}, {{"axis", 1}}).reals("y"), Reals(8, 0.5F));  // 4 lines of 2
  EXPECT_EQ(run_at("Softmax", 9, {x}, {{"axis", 2}}).reals("y"), Reals(8, 0.5F));
  EXPECT_FLOAT_EQ(run_at("LogSoftmax", 9, {x}).reals("y")[0], std::log(0.25F));
}

TEST(OnnxOpsets, UpsampleAndResize10LieOnTheGrid) {
  const Tensor x = real_tensor({1, 1, 1, 2}, {1, 2}), scales = real_tensor({4}, {1, 1, 1, 2});
  const Reals twice{1, 1, 2, 2};
  EXPECT_EQ(run_at("Resize", 10, {x, scales}).reals("y"), twice);
  EXPECT_EQ(run_at("Upsample", 9, {x, scales}).reals("y"), twice);
  EXPECT_EQ(run_at("Upsample", 7, {x}, {{"scales", Reals{1, 1, 1, 2}}}).reals("y"), twice);
  // Linear: at 0, 0.5, 1, 1.5 of an axis that ends at 1; half pixels since 11: at -0.25, 0.25, 0.75, 1.25.
  EXPECT_EQ(run_at("Resize", 10, {x, scales}, {{"mode", "linear"}}).reals("y"), (Reals{1, 1.5F, 2, 2}));
  const Tensor none = real_tensor({0}, {});
  EXPECT_EQ(run_at("Resize", 13, {x, none, scales}, {{"mode", "linear"}}).reals("y"),
            (Reals{1, 1.25F, 1.75F, 2}));
}

TEST(OnnxOpsets, ListsThatWereAttributesBecameInputs) {
  const Tensor x = real_tensor({4}, {1, 2, 3, 4});
  EXPECT_EQ(run_at("Slice", 9, {x}, {{"starts", Integers{1}}, {"ends", Integers{99}}}).reals("y"),
            (Reals{2, 3, 4}));
  EXPECT_EQ(
      run_at("Slice", 10,
             {x, integer_tensor({-1}), integer_tensor({-99}), integer_tensor({0}), integer_tensor({-2})})
          .reals("y"),
      (Reals{4, 2}));
  EXPECT_EQ(run_at("Pad", 2, {x}, {{"pads", Integers{1, 0}}, {"value", 9.0F}}).reals("y"),
            (Reals{9, 1, 2, 3, 4}));
  EXPECT_EQ(run_at("Pad", 11, {x, integer_tensor({0, 1}), real_tensor({}, {8})}).reals("y"),
            (Reals{1, 2, 3, 4, 8}));
  EXPECT_EQ(run_at("Pad", 19, {x, integer_tensor({1, 1})}, {{"mode", "wrap"}}).reals("y"),
            (Reals{4, 1, 2, 3, 4, 1}));
  EXPECT_EQ(run_at("Clip", 6, {x}, {{"max", 2.0F}}).reals("y"), (Reals{1, 2, 2, 2}));
  EXPECT_EQ(run_at("Clip", 11, {x, real_tensor({}, {3}), real_tensor({}, {INFINITY})}).reals("y"),
            (Reals{3, 3, 3, 4}));
  EXPECT_EQ(run_at("ReduceSum", 11, {x}, {{"axes", Integers{0}}}).shape, (Axes{1}));
  EXPECT_EQ(run_at("ReduceSum", 13, {x, integer_tensor({0})}, {{"keepdims", 0}}).reals("y"), (Reals{10}));
  EXPECT_EQ(run_at("ReduceMean", 18, {x, integer_tensor({0})}).reals("y"), (Reals{2.5F}));
  EXPECT_EQ(run_at("ReduceMax", 18, {x, integer_tensor({})}, {{"noop_with_empty_axes", 1}}).shape, (Axes{4}));
}

// A scale and bias for each group at 18, for each channel at 21.
TEST(OnnxOpsets, GroupNormalizationHasChannelsOfItsOwnAt21) {
  const Tensor x = real_tensor({1, 2, 2}, {-1, 1, 3, 5});  // one group of mean 2 and deviation sqrt(5)
  const float unit = 1 / std::sqrt(5.0F);
  const Tensor at18 = run_at("GroupNormalization", 18, {x, real_tensor({1}, {2}), real_tensor({1}, {0})},
                             {{"num_groups", 1}, {"epsilon", 0.0F}});
  EXPECT_FLOAT_EQ(at18.reals("y")[0], -3 * unit * 2);
  EXPECT_FLOAT_EQ(at18.reals("y")[3], 3 * unit * 2);
  const Tensor at21 =
      run_at("GroupNormalization", 21, {x, real_tensor({2}, {2, 4}), real_tensor({2}, {0, 1})},
             {{"num_groups", 1}, {"epsilon", 0.0F}});
  EXPECT_FLOAT_EQ(at21.reals("y")[0], -3 * unit * 2);
  EXPECT_FLOAT_EQ(at21.reals("y")[3], 3 * unit * 4 + 1);
}

TEST(OnnxOpsets, BlocksOfScalesAndFourBitsAt21) {
  const Tensor scales = real_tensor({1, 2}, {1, 10}), x = real_tensor({1, 4}, {-9, 3, 50, 74});
  const Tensor zeros{.shape = {1, 2}, .elements = Integers{0, 1}, .type = ElementType::int4};
  const Tensor q = run_at("QuantizeLinear", 21, {x, scales, zeros}, {{"axis", 1}, {"block_size", 2}});
  EXPECT_EQ(q.integers("q"), (Integers{-8, 3, 6, 7}));  // 50 / 10 + 1; both ends saturate
  EXPECT_EQ(q.type, ElementType::int4);
  EXPECT_EQ(run_at("DequantizeLinear", 21, {q, scales, zeros}, {{"axis", 1}, {"block_size", 2}}).reals("y"),
            (Reals{-8, 3, 50, 60}));
}

}  // namespace
}  // namespace basil::onnx_import
