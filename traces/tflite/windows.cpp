#include "traces/tflite/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace basil::tflite_import {
namespace {

// Of one axis: before and after.
std::pair<int, int> same_padding(int length, int filter, int stride, int dilation) {
  const std::int64_t outputs = (std::int64_t{length} + stride - 1) / stride;
  const std::int64_t window = std::int64_t{filter - 1} * dilation + 1;
  const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride + window - length);
  return {static_cast<int>(total / 2), static_cast<int>(total - total / 2)};
}

// The number of a table of options among them all.
template <class Options>
constexpr model::OperatorOptions kind_of = model::OperatorOptions_NONE;
template <>
constexpr auto kind_of<model::Conv2DOptions> = model::OperatorOptions_Conv2DOptions;
template <>
constexpr auto kind_of<model::DepthwiseConv2DOptions> = model::OperatorOptions_DepthwiseConv2DOptions;
template <>
constexpr auto kind_of<model::Pool2DOptions> = model::OperatorOptions_Pool2DOptions;
template <>
constexpr auto kind_of<model::FullyConnectedOptions> = model::OperatorOptions_FullyConnectedOptions;
template <>
constexpr auto kind_of<model::AddOptions> = model::OperatorOptions_AddOptions;
template <>
constexpr auto kind_of<model::ConcatenationOptions> = model::OperatorOptions_ConcatenationOptions;
template <>
constexpr auto kind_of<model::ResizeBilinearOptions> = model::OperatorOptions_ResizeBilinearOptions;

int code_of(float real, const Step& step) {
  const double code = std::round(double{real / step.scale}) + step.zero_point;
  return static_cast<int>(std::clamp(code, -1e6, 1e6));
}

}  // namespace

void set_ifmap(const Tensor& ifmap, LayerShape& shape) {
  const Axes& axes = ifmap.shape;
  if (axes.size() != 4) throw Error(where_of(ifmap), "shape " + shape_text(axes), "four axes: N, H, W, C");
  shape.N = static_cast<int>(axes[0]);
  shape.H = static_cast<int>(axes[1]);
  shape.W = static_cast<int>(axes[2]);
  shape.C = static_cast<int>(axes[3]);
}

void set_padding(model::Padding padding, LayerShape& shape) {
  for (const int length :
       {shape.stride_y, shape.stride_x, shape.dilation_y, shape.dilation_x, shape.R, shape.S}) {
    if (length < 1)
      throw Error("window", std::to_string(length), "strides, dilations and filters of 1 or more");
  }
  if (padding != model::Padding_SAME) return;
  std::tie(shape.pad_top, shape.pad_bottom) =
      same_padding(shape.H, shape.R, shape.stride_y, shape.dilation_y);
  std::tie(shape.pad_left, shape.pad_right) =
      same_padding(shape.W, shape.S, shape.stride_x, shape.dilation_x);
}

Step step_of(const Tensor& tensor) {
  const Quantisation& quantisation = tensor.quantisation;
  if (quantisation.scales.size() != 1)
    throw Error(where_of(tensor), fmt::format("{} scales", quantisation.scales.size()), "1");
  return {quantisation.scales[0], static_cast<std::int32_t>(quantisation.zero_points[0])};
}

CodeRange codes_after(model::Activation activation, const Tensor& output) {
  const std::optional<Dtype> dtype = code_dtype(output.type);
  if (!dtype) throw Error(where_of(output), "type " + to_string(output.type), "int8, uint8 or int16");
  const Step step = step_of(output);
  CodeRange range{lowest(*dtype), highest(*dtype)};
  const auto confine = [&](float least, float greatest) {
    range = {std::clamp(code_of(least, step), range.least, range.greatest),
             std::clamp(code_of(greatest, step), range.least, range.greatest)};
  };
  switch (activation) {
    case model::Activation_NONE:
      return range;
    case model::Activation_RELU:
      range.least = std::clamp(step.zero_point, range.least, range.greatest);
      return range;
    case model::Activation_RELU6:
      confine(0, 6);
      return range;
    case model::Activation_RELU_N1_TO_1:
      confine(-1, 1);
      return range;
    default:
      throw Error("activation", model::EnumNameActivation(activation), "NONE, RELU, RELU6 or RELU_N1_TO_1");
  }
}

void set_activation(model::Activation activation, const Tensor& output, Requantisation& requantisation) {
  const CodeRange codes = codes_after(activation, output);
  requantisation.relu = activation == model::Activation_RELU || activation == model::Activation_RELU6;
  if (requantisation.codes() != codes) requantisation.clamp = codes;
}

float real_after(model::Activation activation, float value) {
  switch (activation) {
    case model::Activation_NONE:
      return value;
    case model::Activation_RELU:
      return std::max(value, 0.0F);
    case model::Activation_RELU6:
      return std::clamp(value, 0.0F, 6.0F);
    case model::Activation_RELU_N1_TO_1:
      return std::clamp(value, -1.0F, 1.0F);
    default:
      throw Error("activation", model::EnumNameActivation(activation), "NONE, RELU, RELU6 or RELU_N1_TO_1");
  }
}

FixedPoint fixed_point(double factor) {
  if (factor == 0) return {};
  int shift = 0;
  auto multiplier = static_cast<std::int64_t>(std::round(std::frexp(factor, &shift) * 0x1p31));
  if (multiplier == std::int64_t{1} << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  if (shift > 30) return {.multiplier = 0x7FFFFFFF, .shift = 30};
  return {.multiplier = static_cast<std::int32_t>(multiplier), .shift = shift};
}

template <class Options>
const Options& options_of(const Operation& operation) {
  if (operation.options->options_type() != kind_of<Options> || operation.options->options() == nullptr)
    throw Error("options", "none of this operator's", "its table");
  return *static_cast<const Options*>(operation.options->options());
}

template const model::Conv2DOptions& options_of(const Operation&);
template const model::DepthwiseConv2DOptions& options_of(const Operation&);
template const model::Pool2DOptions& options_of(const Operation&);
template const model::FullyConnectedOptions& options_of(const Operation&);
template const model::AddOptions& options_of(const Operation&);
template const model::ConcatenationOptions& options_of(const Operation&);
template const model::ResizeBilinearOptions& options_of(const Operation&);

}  // namespace basil::tflite_import
