// Operators that work on each element by itself.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

template <class Function>
Tensor map_reals(const Call& call, Function function) {
  const std::vector<float>& in = call[0].reals(call.where());
  std::vector<float> out(in.size());
  std::transform(in.begin(), in.end(), out.begin(), function);
  return {.shape = call[0].shape, .elements = std::move(out), .type = call[0].type};
}

template <float function(float)>
Tensor each(const Call& call) {
  return map_reals(call, function);
}

// The same of reals and of integers.
template <class Function>
Tensor map_numbers(const Call& call, Function function) {
  const ElementType type = call[0].type;
  return std::visit(
      [&](const auto& in) -> Tensor {
        auto out = in;
        for (auto& value : out) value = function(value);
        if constexpr (std::is_same_v<decltype(out), std::vector<std::int64_t>>) {
          for (auto& value : out) value = wrapped(type, value);
        }
        return {.shape = call[0].shape, .elements = std::move(out), .type = type};
      },
      call[0].elements);
}

float relu_of(float x) { return x < 0 ? 0.0F : x; }
float sigmoid_of(float x) { return 1.0F / (1.0F + std::exp(-x)); }
float softplus_of(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }
float softsign_of(float x) { return x / (1.0F + std::abs(x)); }
float reciprocal_of(float x) { return 1.0F / x; }
float even_of(float x) { return std::nearbyint(x); }
float hard_swish_of(float x) { return x * std::clamp(x / 6.0F + 0.5F, 0.0F, 1.0F); }
float mish_of(float x) { return x * std::tanh(softplus_of(x)); }

Tensor relu(const Call& call) {
  if (call[0].real()) return map_reals(call, relu_of);
  return map_numbers(call, [](auto x) { return std::max(x, decltype(x){0}); });
}

Tensor absolute(const Call& call) {
  return map_numbers(call, [](auto x) {
    if constexpr (std::is_same_v<decltype(x), float>)
      return std::abs(x);
    else
      return x == std::numeric_limits<std::int64_t>::min() ? x : std::abs(x);
  });
}

Tensor negative(const Call& call) {
  return map_numbers(call, [](auto x) {
    if constexpr (std::is_same_v<decltype(x), float>)
      return -x;
    else
      return x == std::numeric_limits<std::int64_t>::min() ? x : -x;
  });
}

Tensor sign(const Call& call) {
  return map_numbers(call, [](auto x) -> decltype(x) {
    if (x > 0) return 1;
    return x < 0 ? -1 : x;  // 0 and NaN stay
  });
}

Tensor leaky_relu(const Call& call) {
  const float alpha = call.node().real("alpha", 0.01F);
  return map_reals(call, [alpha](float x) { return x < 0 ? alpha * x : x; });
}

Tensor thresholded_relu(const Call& call) {
  const float alpha = call.node().real("alpha", 1);
  return map_reals(call, [alpha](float x) { return x > alpha ? x : 0.0F; });
}

Tensor elu(const Call& call) {
  const float alpha = call.node().real("alpha", 1);
  return map_reals(call, [alpha](float x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

Tensor celu(const Call& call) {
  const float alpha = call.node().real("alpha", 1);
  return map_reals(call, [alpha](float x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}

Tensor selu(const Call& call) {
  const float alpha = call.node().real("alpha", 1.67326319217681884765625F);
  const float gamma = call.node().real("gamma", 1.05070102214813232421875F);
  return map_reals(call, [=](float x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

Tensor shrink(const Call& call) {
  const float lambda = call.node().real("lambd", 0.5F), bias = call.node().real("bias", 0);
  return map_reals(call, [=](float x) {
    if (x < -lambda) return x + bias;
    return x > lambda ? x - bias : 0.0F;
  });
}

Tensor hard_sigmoid(const Call& call) {
  const float alpha = call.node().real("alpha", 0.2F), beta = call.node().real("beta", 0.5F);
  return map_reals(call, [=](float x) { return std::max(0.0F, std::min(1.0F, alpha * x + beta)); });
}

Tensor gelu(const Call& call) {
  const std::string approximate = call.node().text("approximate", "none");
  if (approximate == "none")
    return map_reals(call, [](float x) { return 0.5F * x * (1.0F + std::erf(x * 0.70710678118654752F)); });
  if (approximate != "tanh") throw Error(call.where() + ": approximate", "another word", "none or tanh");
  return map_reals(call, [](float x) {
    return 0.5F * x * (1.0F + std::tanh(0.7978845608028654F * (x + 0.044715F * x * x * x)));
  });
}

// The bounds are attributes up to opset 10, inputs since; none, or an infinite one, bounds nothing.
Tensor clip(const Call& call) {
  const auto input = [&](std::size_t index, const char* key) -> const Tensor* {
    const Tensor* tensor = call.optional(index);
    if (tensor != nullptr && tensor->size() != 1)
      throw Error(call.where() + ": " + key, fmt::format("{} values", tensor->size()), "one");
    return tensor;
  };
  const Tensor *least = input(1, "min"), *most = input(2, "max");
  if (!call[0].real()) {
    using Limits = std::numeric_limits<std::int64_t>;
    const std::int64_t low = least == nullptr ? Limits::min() : least->integers(call.where()).front();
    const std::int64_t high = most == nullptr ? Limits::max() : most->integers(call.where()).front();
    return map_numbers(call, [=](auto x) {
      if constexpr (std::is_same_v<decltype(x), std::int64_t>)
        return std::min(std::max(x, low), high);
      else
        return x;
    });
  }
  const auto bound = [&](const Tensor* tensor, const char* key, float otherwise) {
    return tensor == nullptr ? call.node().real(key, otherwise) : tensor->reals(call.where()).front();
  };
  const float low = bound(least, "min", -std::numeric_limits<float>::infinity());
  const float high = bound(most, "max", std::numeric_limits<float>::infinity());
  return map_reals(call, [=](float x) { return std::min(std::max(x, low), high); });
}

template <class Function>
Tensor truths(const Call& call, Function function) {
  const std::vector<float>& in = call[0].reals(call.where());
  std::vector<std::int64_t> out(in.size());
  std::transform(in.begin(), in.end(), out.begin(), [&](float x) { return function(x) ? 1 : 0; });
  return {.shape = call[0].shape, .elements = std::move(out), .type = ElementType::boolean};
}

Tensor is_nan(const Call& call) {
  return truths(call, [](float x) { return std::isnan(x); });
}

Tensor is_infinite(const Call& call) {
  const bool below = call.node().integer("detect_negative", 1) != 0,
             above = call.node().integer("detect_positive", 1) != 0;
  return truths(call, [=](float x) { return std::isinf(x) && (x < 0 ? below : above); });
}

}  // namespace

const Operators& elementwise_operators() {
  static const Operators table{{"Abs", absolute},
                               {"Acos", each<std::acos>},
                               {"Acosh", each<std::acosh>},
                               {"Asin", each<std::asin>},
                               {"Asinh", each<std::asinh>},
                               {"Atan", each<std::atan>},
                               {"Atanh", each<std::atanh>},
                               {"Ceil", each<std::ceil>},
                               {"Celu", celu},
                               {"Clip", clip},
                               {"Cos", each<std::cos>},
                               {"Cosh", each<std::cosh>},
                               {"Elu", elu},
                               {"Erf", each<std::erf>},
                               {"Exp", each<std::exp>},
                               {"Floor", each<std::floor>},
                               {"Gelu", gelu},
                               {"HardSigmoid", hard_sigmoid},
                               {"HardSwish", each<hard_swish_of>},
                               {"IsInf", is_infinite},
                               {"IsNaN", is_nan},
                               {"LeakyRelu", leaky_relu},
                               {"Log", each<std::log>},
                               {"Mish", each<mish_of>},
                               {"Neg", negative},
                               {"Reciprocal", each<reciprocal_of>},
                               {"Relu", relu},
                               {"Round", each<even_of>},
                               {"Selu", selu},
                               {"Shrink", shrink},
                               {"Sigmoid", each<sigmoid_of>},
                               {"Sign", sign},
                               {"Sin", each<std::sin>},
                               {"Sinh", each<std::sinh>},
                               {"Softplus", each<softplus_of>},
                               {"Softsign", each<softsign_of>},
                               {"Sqrt", each<std::sqrt>},
                               {"Tan", each<std::tan>},
                               {"Tanh", each<std::tanh>},
                               {"ThresholdedRelu", thresholded_relu},
                               {"com.microsoft.Gelu", gelu}};
  return table;
}

}  // namespace basil::onnx_import
