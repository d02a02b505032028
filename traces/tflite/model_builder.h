// For tests: small models as TensorFlow Lite would write them.
#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "traces/testing/trace_surgery.h"
#include "traces/tflite/model_generated.h"

namespace basil::testing {

namespace model = tflite_model;

// Scales and zero points, along an axis.
struct Steps {
  std::vector<float> scales = {};
  std::vector<std::int64_t> zero_points = {};
  int axis = 0;
};

// Tensor 0 is the input; operators run in the order in which they are added.
class TfliteBuilder {
 public:
  TfliteBuilder() { buffers_.push_back(model::CreateBuffer(builder_)); }  // the empty one

  template <class T>
  int constant(model::TensorType type, const std::vector<int>& shape, const std::vector<T>& elements,
               const Steps& steps = {}) {
    std::vector<std::uint8_t> bytes(elements.size() * sizeof(T));
    std::memcpy(bytes.data(), elements.data(), bytes.size());
    buffers_.push_back(model::CreateBufferDirect(builder_, &bytes));
    return add(type, shape, steps, static_cast<std::uint32_t>(buffers_.size() - 1));
  }
  int tensor(model::TensorType type, const std::vector<int>& shape, const Steps& steps = {}) {
    return add(type, shape, steps, 0);
  }

  template <class Options>
  void operation(model::BuiltinOperator op, const std::vector<int>& inputs, const std::vector<int>& outputs,
                 model::OperatorOptions kind, flatbuffers::Offset<Options> options) {
    codes_.push_back(
        model::CreateOperatorCode(builder_, static_cast<std::int8_t>(std::min<int>(op, 127)), 0, 1, op));
    operators_.push_back(model::CreateOperatorDirect(builder_, static_cast<std::uint32_t>(codes_.size() - 1),
                                                     &inputs, &outputs, kind, options.Union()));
  }
  void operation(model::BuiltinOperator op, const std::vector<int>& inputs, const std::vector<int>& outputs) {
    operation(op, inputs, outputs, model::OperatorOptions_NONE, flatbuffers::Offset<void>());
  }

  flatbuffers::FlatBufferBuilder& builder() { return builder_; }

  [[nodiscard]] std::string bytes() {
    const std::vector<int> inputs{0};
    const auto graph =
        model::CreateSubGraphDirect(builder_, &tensors_, &inputs, nullptr, &operators_, "main");
    const std::vector<flatbuffers::Offset<model::SubGraph>> graphs{graph};
    model::FinishModelBuffer(builder_,
                             model::CreateModelDirect(builder_, 3, &codes_, &graphs, "built", &buffers_));
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }
  void save(const std::filesystem::path& file) { store(file, bytes()); }

 private:
  int add(model::TensorType type, const std::vector<int>& shape, const Steps& steps, std::uint32_t buffer) {
    flatbuffers::Offset<model::QuantizationParameters> quantisation;
    if (!steps.scales.empty())
      quantisation = model::CreateQuantizationParametersDirect(
          builder_, nullptr, nullptr, &steps.scales, &steps.zero_points, model::QuantizationDetails_NONE, 0,
          steps.axis);
    const std::string name = "t" + std::to_string(tensors_.size());
    tensors_.push_back(model::CreateTensorDirect(builder_, &shape, type, buffer, name.c_str(), quantisation));
    return static_cast<int>(tensors_.size() - 1);
  }

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<model::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<model::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<model::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<model::Operator>> operators_;
};

// conv 3 x 3 (SAME, two strides), depthwise of two filters a channel, mean, reshape, fully connected,
// softmax: int8.
inline std::string small_model() {
  TfliteBuilder m;
  using Bytes = std::vector<std::int8_t>;
  const auto codes = [](int count) {
    Bytes values;
    for (int i = 0; i < count; ++i) values.push_back(static_cast<std::int8_t>(i * 37 % 255 - 127));
    return values;
  };
  const auto int8 = model::TensorType_INT8, int32 = model::TensorType_INT32;
  const int x = m.tensor(int8, {1, 5, 4, 2}, {{0.5F}, {7}});
  const int w0 = m.constant(int8, {3, 3, 3, 2}, codes(54), {{0.25F, 0.125F, 0.01F}, {0, 0, 0}});
  const int b0 = m.constant(int32, {3}, std::vector<std::int32_t>{100, -5, 0});
  const int y0 = m.tensor(int8, {1, 3, 2, 3}, {{2.0F}, {-128}});
  const int w1 = m.constant(int8, {1, 2, 2, 6}, codes(24),
                            {{0.5F, 0.25F, 0.5F, 0.25F, 0.5F, 0.25F}, {0, 0, 0, 0, 0, 0}, 3});
  const int y1 = m.tensor(int8, {1, 2, 1, 6}, {{8.0F}, {3}});
  const int y2 = m.tensor(int8, {1, 1, 1, 6}, {{8.0F}, {3}});
  const int y3 = m.tensor(int8, {1, 6}, {{8.0F}, {3}});
  const int w4 = m.constant(int8, {2, 6}, codes(12), {{0.5F}, {0}});
  const int y4 = m.tensor(int8, {1, 2}, {{64.0F}, {0}}), y5 = m.tensor(int8, {1, 2}, {{1.0F / 256}, {-128}});
  auto& b = m.builder();
  m.operation(model::BuiltinOperator_CONV_2D, {x, w0, b0}, {y0}, model::OperatorOptions_Conv2DOptions,
              model::CreateConv2DOptions(b, model::Padding_SAME, 2, 2, model::Activation_RELU));
  m.operation(model::BuiltinOperator_DEPTHWISE_CONV_2D, {y0, w1, -1}, {y1},
              model::OperatorOptions_DepthwiseConv2DOptions,
              model::CreateDepthwiseConv2DOptions(b, model::Padding_VALID, 1, 1, 2, model::Activation_RELU6));
  m.operation(model::BuiltinOperator_AVERAGE_POOL_2D, {y1}, {y2}, model::OperatorOptions_Pool2DOptions,
              model::CreatePool2DOptions(b, model::Padding_VALID, 1, 2, 1, 2));
  m.operation(model::BuiltinOperator_RESHAPE, {y2}, {y3});
  m.operation(model::BuiltinOperator_FULLY_CONNECTED, {y3, w4}, {y4},
              model::OperatorOptions_FullyConnectedOptions, model::CreateFullyConnectedOptions(b));
  m.operation(model::BuiltinOperator_SOFTMAX, {y4}, {y5});
  return m.bytes();
}

}  // namespace basil::testing
