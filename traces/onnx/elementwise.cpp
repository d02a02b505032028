// Operators that work on each element by itself, and Softmax.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators.h"

namespace basil::onnx_import {
namespace {

template <class Function>
Tensor map(const Call& call, Function function) {
  const std::vector<float>& in = call[0].reals(call.where());
  std::vector<float> out(in.size());
  std::transform(in.begin(), in.end(), out.begin(), function);
  return {.shape = call[0].shape, .elements = std::move(out)};
}

Tensor relu(const Call& call) {
  return map(call, [](float x) { return std::max(x, 0.0F); });
}

Tensor leaky_relu(const Call& call) {
  const float alpha = call.node().real("alpha", 0.01F);
  return map(call, [alpha](float x) { return x < 0 ? alpha * x : x; });
}

Tensor sigmoid(const Call& call) {
  return map(call, [](float x) { return 1.0F / (1.0F + std::exp(-x)); });
}

Tensor tanh_of(const Call& call) {
  return map(call, [](float x) { return std::tanh(x); });
}

// The bounds are attributes up to opset 10, inputs since.
Tensor clip(const Call& call) {
  const auto bound = [&](std::size_t index, const char* key, float otherwise) {
    const Tensor* tensor = call.optional(index);
    if (tensor == nullptr) return call.node().real(key, otherwise);
    if (tensor->size() != 1)
      throw Error(call.where() + ": " + key, fmt::format("{} values", tensor->size()), "one");
    return tensor->reals(call.where()).front();
  };
  const float least = bound(1, "min", std::numeric_limits<float>::lowest());
  const float most = bound(2, "max", std::numeric_limits<float>::max());
  return map(call, [least, most](float x) { return std::min(std::max(x, least), most); });
}

// Numpy's broadcasting: the shapes are aligned at their ends, an axis of 1 is repeated.
Axes broadcast(const Call& call) {
  Axes a = call[0].shape, b = call[1].shape;
  const std::size_t rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  for (std::size_t i = 0; i < rank; ++i) {
    if (a[i] == b[i] || b[i] == 1) continue;
    if (a[i] != 1) {
      throw Error(call.where(),
                  fmt::format("shapes {} and {}", shape_text(call[0].shape), shape_text(call[1].shape)),
                  "shapes of which one can be repeated to fit the other");
    }
    a[i] = b[i];
  }
  return a;
}

// Steps in `shape`'s elements along each axis of `target`; 0 where it is repeated.
Axes steps_of(const Axes& shape, const Axes& target) {
  Axes steps(target.size(), 0);
  std::int64_t step = 1;
  for (std::size_t i = 1; i <= shape.size(); ++i) {
    const std::int64_t axis = shape[shape.size() - i];
    if (axis != 1) steps[target.size() - i] = step;
    step *= axis;
  }
  return steps;
}

template <class Function>
Tensor combine(const Call& call, Function function) {
  const std::vector<float>&a = call[0].reals(call.where()), &b = call[1].reals(call.where());
  Tensor result = make_reals(broadcast(call), call.where());
  auto& out = std::get<std::vector<float>>(result.elements);
  const Axes steps_a = steps_of(call[0].shape, result.shape), steps_b = steps_of(call[1].shape, result.shape);
  Axes index(result.shape.size(), 0);
  std::int64_t at_a = 0, at_b = 0;
  for (float& value : out) {
    value = function(a[static_cast<std::size_t>(at_a)], b[static_cast<std::size_t>(at_b)]);
    for (std::size_t i = index.size(); i-- > 0;) {
      at_a += steps_a[i];
      at_b += steps_b[i];
      if (++index[i] < result.shape[i]) break;
      at_a -= steps_a[i] * result.shape[i];
      at_b -= steps_b[i] * result.shape[i];
      index[i] = 0;
    }
  }
  return result;
}

Tensor add(const Call& call) {
  return combine(call, [](float a, float b) { return a + b; });
}
Tensor subtract(const Call& call) {
  return combine(call, [](float a, float b) { return a - b; });
}
Tensor multiply(const Call& call) {
  return combine(call, [](float a, float b) { return a * b; });
}
Tensor divide(const Call& call) {
  return combine(call, [](float a, float b) { return a / b; });
}

// scale * (x - mean) / sqrt(variance + epsilon) + bias, for each channel (axis 1).
Tensor batch_normalization(const Call& call) {
  if (call.node().integer("training_mode", 0) != 0)
    throw Error(call.where() + ": training_mode", "1", "a model exported for inference");
  const Axes& shape = call[0].shape;
  const std::int64_t channels = shape.size() < 2 ? 1 : shape[1];
  for (std::size_t i = 1; i <= 4; ++i) {
    if (call[i].size() != channels)
      throw Error(call.where(), fmt::format("input {} of {} values", i, call[i].size()),
                  fmt::format("one for each of {} channels", channels));
  }
  const std::string where = call.where();
  const std::vector<float>&scale = call[1].reals(where), &bias = call[2].reals(where);
  const std::vector<float>&mean = call[3].reals(where), &variance = call[4].reals(where);
  const float epsilon = call.node().real("epsilon", 1e-5F);
  std::vector<float> out = call[0].reals(where);
  const auto planes = static_cast<std::size_t>(shape.empty() ? 1 : shape[0] * channels);
  const std::size_t plane = planes == 0 ? 0 : out.size() / planes;
  for (std::size_t i = 0; i < planes; ++i) {
    const std::size_t c = i % static_cast<std::size_t>(channels);
    const float factor = scale[c] / std::sqrt(variance[c] + epsilon);
    for (std::size_t j = i * plane; j < (i + 1) * plane; ++j) out[j] = (out[j] - mean[c]) * factor + bias[c];
  }
  return {.shape = shape, .elements = std::move(out)};
}

// Over the last axis, or over one behind which all axes are 1 (where all versions of ONNX agree).
Tensor softmax(const Call& call) {
  const Axes& shape = call[0].shape;
  if (shape.empty()) throw Error(call.where(), "a scalar", "a tensor");
  const std::size_t axis =
      axis_of(call.node().integer("axis", shape.size() == 2 ? 1 : -1), shape.size(), call.where() + ": axis");
  if (std::any_of(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end(),
                  [](std::int64_t a) { return a != 1; })) {
    throw Error(call.where() + ": axis", fmt::format("{} of shape {}", axis, shape_text(shape)),
                "the last axis longer than 1");
  }
  std::vector<float> out = call[0].reals(call.where());
  const auto length = static_cast<std::ptrdiff_t>(shape[axis]);
  for (auto row = out.begin(); row != out.end(); row += length) {
    const float most = *std::max_element(row, row + length);
    float sum = 0;
    for (auto x = row; x != row + length; ++x) sum += * x = std::exp(*x - most);
    for (auto x = row; x != row + length; ++x) *x /= sum;
  }
  return {.shape = shape, .elements = std::move(out)};
}

}  // namespace

const Operators& elementwise_operators() {
  static const Operators table{{"Add", add},
                               {"BatchNormalization", batch_normalization},
                               {"Clip", clip},
                               {"Div", divide},
                               {"LeakyRelu", leaky_relu},
                               {"Mul", multiply},
                               {"Relu", relu},
                               {"Sigmoid", sigmoid},
                               {"Softmax", softmax},
                               {"Sub", subtract},
                               {"Tanh", tanh_of}};
  return table;
}

}  // namespace basil::onnx_import
