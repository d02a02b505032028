// Operators on real numbers: activations, products, copies of constants, resizing, concatenation, means.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/tflite/windows.h"

namespace basil::tflite_import {
namespace {

const std::vector<float>& reals_of(Run& run, int number) {
  const Value& value = run.value(number);
  if (!value.is_real())
    throw Error(where_of(run.tensor(number)), to_string(run.tensor(number).type),
                "real numbers for this operator");
  return value.reals;
}

void put_reals(Run& run, int number, std::vector<float> reals) {
  const Tensor& tensor = run.tensor(number);
  if (static_cast<std::int64_t>(reals.size()) != tensor.elements())
    throw Error(where_of(tensor), "shape " + shape_text(tensor.shape),
                std::to_string(reals.size()) + " values");
  run.put(number, {.shape = tensor.shape, .codes = {}, .reals = std::move(reals)});
}

float activated(model::BuiltinOperator op, float x) {
  switch (op) {
    case model::BuiltinOperator_RELU:
      return real_after(model::Activation_RELU, x);
    case model::BuiltinOperator_RELU6:
      return real_after(model::Activation_RELU6, x);
    case model::BuiltinOperator_RELU_N1_TO_1:
      return real_after(model::Activation_RELU_N1_TO_1, x);
    case model::BuiltinOperator_HARD_SWISH:
      return x * std::clamp(x + 3.0F, 0.0F, 6.0F) / 6.0F;
    case model::BuiltinOperator_LOGISTIC:
      return 1.0F / (1.0F + std::exp(-x));
    default:
      return std::tanh(x);
  }
}

std::int64_t product(const Axes& shape, std::size_t first, std::size_t end) {
  std::int64_t count = 1;
  for (std::size_t axis = first; axis < end; ++axis) count *= shape[axis];
  return count;
}

// Two rows or columns of the input and how much of the second.
struct Between {
  std::int64_t first, second;
  float share;
};

Between between(std::int64_t output, std::int64_t outputs, std::int64_t inputs, bool corners, bool centres) {
  const float step = corners && outputs > 1 ? static_cast<float>(inputs - 1) / static_cast<float>(outputs - 1)
                                            : static_cast<float>(inputs) / static_cast<float>(outputs);
  const float at =
      centres ? (static_cast<float>(output) + 0.5F) * step - 0.5F : static_cast<float>(output) * step;
  const float floor = std::floor(at);
  const auto first = static_cast<std::int64_t>(std::max(floor, 0.0F));
  const auto second = std::min(static_cast<std::int64_t>(std::ceil(std::max(at, 0.0F))), inputs - 1);
  return {std::min(first, inputs - 1), second, std::max(at, 0.0F) - static_cast<float>(first)};
}

}  // namespace

void run_activation(Run& run, const Operation& operation) {
  std::vector<float> reals = reals_of(run, operation.inputs[0]);
  for (float& real : reals) real = activated(operation.op, real);
  put_reals(run, operation.outputs[0], std::move(reals));
}

// Of one shape, or one value for each channel.
void run_multiply(Run& run, const Operation& operation) {
  if (operation.inputs.size() != 2 || operation.inputs[1] < 0)
    throw Error("inputs", std::to_string(operation.inputs.size()), "2");
  std::vector<float> left = reals_of(run, operation.inputs[0]), right = reals_of(run, operation.inputs[1]);
  if (left.size() < right.size()) left.swap(right);
  const Axes& shape = run.tensor(operation.outputs[0]).shape;
  const bool by_channel = !shape.empty() && static_cast<std::int64_t>(right.size()) == shape.back();
  if (left.size() != right.size() && right.size() != 1 && !by_channel)
    throw Error("inputs", std::to_string(left.size()) + " and " + std::to_string(right.size()) + " values",
                "as many, one, or one a channel");
  for (std::size_t i = 0; i < left.size(); ++i) left[i] *= right[i % right.size()];
  put_reals(run, operation.outputs[0], std::move(left));
}

void run_dequantize(Run& run, const Operation& operation) {
  const Tensor& tensor = run.tensor(operation.inputs[0]);
  const Value& value = run.value(operation.inputs[0]);
  if (value.is_real()) return put_reals(run, operation.outputs[0], value.reals);
  const Step step = step_of(tensor);
  std::vector<float> reals;
  for (const std::int16_t code : value.codes)
    reals.push_back(static_cast<float>(code - step.zero_point) * step.scale);
  put_reals(run, operation.outputs[0], std::move(reals));
}

void run_resize(Run& run, const Operation& operation) {
  const auto& options = options_of<model::ResizeBilinearOptions>(operation);
  LayerShape in, out;
  set_ifmap(run.tensor(operation.inputs[0]), in);
  set_ifmap(run.tensor(operation.outputs[0]), out);
  if (in.N != out.N || in.C != out.C)
    throw Error(where_of(run.tensor(operation.outputs[0])), "other images or channels", "those of the input");
  const std::vector<float>& from = reals_of(run, operation.inputs[0]);
  std::vector<float> to;
  to.reserve(static_cast<std::size_t>(run.tensor(operation.outputs[0]).elements()));
  for (int n = 0; n < out.N; ++n) {
    for (int y = 0; y < out.H; ++y) {
      const Between rows = between(y, out.H, in.H, options.align_corners(), options.half_pixel_centers());
      for (int x = 0; x < out.W; ++x) {
        const Between columns =
            between(x, out.W, in.W, options.align_corners(), options.half_pixel_centers());
        for (int c = 0; c < out.C; ++c) {
          const auto at = [&](std::int64_t row, std::int64_t column) {
            return from[static_cast<std::size_t>(((std::int64_t{n} * in.H + row) * in.W + column) * in.C +
                                                 c)];
          };
          to.push_back(at(rows.first, columns.first) * (1 - rows.share) * (1 - columns.share) +
                       at(rows.second, columns.first) * rows.share * (1 - columns.share) +
                       at(rows.first, columns.second) * (1 - rows.share) * columns.share +
                       at(rows.second, columns.second) * rows.share * columns.share);
        }
      }
    }
  }
  put_reals(run, operation.outputs[0], std::move(to));
}

void run_concatenate(Run& run, const Operation& operation) {
  const auto& options = options_of<model::ConcatenationOptions>(operation);
  const Axes& shape = run.tensor(operation.outputs[0]).shape;
  const auto rank = static_cast<int>(shape.size());
  const int axis = options.axis() < 0 ? options.axis() + rank : options.axis();
  if (axis < 0 || axis >= rank) throw Error("axis", std::to_string(options.axis()), "an axis of the output");
  const auto place = static_cast<std::size_t>(axis);
  std::vector<float> joined;
  for (std::int64_t before = 0; before < product(shape, 0, place); ++before) {
    for (const int input : operation.inputs) {
      const Axes& part = run.tensor(std::max(input, 0)).shape;
      if (part.size() != shape.size())
        throw Error("inputs", shape_text(part), "axes as of " + shape_text(shape));
      const std::vector<float>& reals = reals_of(run, input);
      const std::int64_t length = product(part, place, part.size());
      if ((before + 1) * length > static_cast<std::int64_t>(reals.size()))
        throw Error("inputs", shape_text(part), "axes as of " + shape_text(shape));
      joined.insert(joined.end(), reals.begin() + before * length, reals.begin() + (before + 1) * length);
    }
  }
  for (float& real : joined) real = real_after(options.activation(), real);
  put_reals(run, operation.outputs[0], std::move(joined));
}

// Over rows and columns of four axes.
void run_mean(Run& run, const Operation& operation) {
  if (operation.inputs.size() != 2 || operation.inputs[1] < 0)
    throw Error("inputs", std::to_string(operation.inputs.size()), "2");
  LayerShape in;
  set_ifmap(run.tensor(operation.inputs[0]), in);
  std::vector<std::int64_t> axes = integers(run.tensor(operation.inputs[1]));
  std::ranges::sort(axes);
  if (axes != std::vector<std::int64_t>{1, 2}) throw Error("axes", "others than rows and columns", "1 and 2");
  const std::vector<float>& reals = reals_of(run, operation.inputs[0]);
  std::vector<float> means;
  const std::int64_t places = std::int64_t{in.H} * in.W;
  for (int n = 0; n < in.N; ++n) {
    for (int c = 0; c < in.C; ++c) {
      double sum = 0;
      for (std::int64_t place = 0; place < places; ++place)
        sum += static_cast<double>(reals[static_cast<std::size_t>((n * places + place) * in.C + c)]);
      means.push_back(static_cast<float>(sum / static_cast<double>(places)));
    }
  }
  put_reals(run, operation.outputs[0], std::move(means));
}

}  // namespace basil::tflite_import
