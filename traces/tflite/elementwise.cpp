// ADD of two feature maps of one shape, PAD, RESHAPE and SQUEEZE.
#include <algorithm>

#include "core/error.h"
#include "traces/golden/requantise.h"
#include "traces/tflite/windows.h"

namespace basil::tflite_import {
namespace {

// TensorFlow Lite's reference: both inputs in 20 more bits, each in halves of the greater scale.
std::vector<std::int16_t> add_codes(const Tensor& a, const Tensor& b, const Tensor& sum,
                                    const CodeRange& range, const std::vector<std::int16_t>& left,
                                    const std::vector<std::int16_t>& right) {
  constexpr int guard_bits = 20;
  const Step of_a = step_of(a), of_b = step_of(b), of_sum = step_of(sum);
  const double unit = 2 * std::max(double{of_a.scale}, double{of_b.scale});
  const FixedPoint from_a = fixed_point(double{of_a.scale} / unit),
                   from_b = fixed_point(double{of_b.scale} / unit),
                   to_sum = fixed_point(unit / (double{1 << guard_bits} * double{of_sum.scale}));
  std::vector<std::int16_t> codes;
  codes.reserve(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::int64_t scaled =
        std::int64_t{tflite_step(std::int64_t{left[i] - of_a.zero_point} * (1 << guard_bits), from_a)} +
        tflite_step(std::int64_t{right[i] - of_b.zero_point} * (1 << guard_bits), from_b);
    codes.push_back(static_cast<std::int16_t>(std::clamp<std::int64_t>(
        std::int64_t{tflite_step(scaled, to_sum)} + of_sum.zero_point, range.least, range.greatest)));
  }
  return codes;
}

DenseLayer listed_add(Run& run, const Operation& operation, const Tensor& ofmap, bool relu) {
  DenseLayer layer;
  layer.name = run.unique_name(operation);
  layer.kind = &add_kind;
  layer.relu = relu;
  set_ifmap(ofmap, layer.shape);
  layer.shape.K = layer.shape.C;
  return layer;
}

template <class T>
std::vector<T> padded(const std::vector<T>& from, const Axes& shape, const Axes& before, const Axes& to,
                      T with) {
  std::int64_t count = 1;
  for (const std::int64_t axis : to) count *= axis;
  std::vector<T> all(static_cast<std::size_t>(count), with);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), at = 0, step = 1;
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis], step *= to[axis])
      at += (rest % shape[axis] + before[axis]) * step;
    all[static_cast<std::size_t>(at)] = from[i];
  }
  return all;
}

}  // namespace

void run_add(Run& run, const Operation& operation) {
  if (operation.inputs.size() != 2 || operation.inputs[1] < 0)
    throw Error("inputs", std::to_string(operation.inputs.size()), "2");
  const Tensor &a = run.tensor(operation.inputs[0]), &b = run.tensor(operation.inputs[1]),
               &ofmap = run.tensor(operation.outputs[0]);
  if (a.shape != b.shape || a.shape != ofmap.shape)
    throw Error(where_of(b), "shape " + shape_text(b.shape), shape_text(a.shape) + ", as the other input");
  const auto activation = options_of<model::AddOptions>(operation).activation();
  const Value left = run.value(operation.inputs[0]), right = run.value(operation.inputs[1]);
  if (left.is_real() != right.is_real()) throw Error(where_of(b), to_string(b.type), to_string(a.type));
  Value sum{.shape = ofmap.shape, .codes = {}, .reals = {}};
  if (left.is_real()) {
    for (std::size_t i = 0; i < left.reals.size(); ++i)
      sum.reals.push_back(real_after(activation, left.reals[i] + right.reals[i]));
  } else {
    if (ofmap.type == model::TensorType_INT16) throw Error(where_of(ofmap), "INT16", "int8 or uint8 codes");
    sum.codes = add_codes(a, b, ofmap, codes_after(activation, ofmap), left.codes, right.codes);
  }
  run.put(operation.outputs[0], std::move(sum));
  if (ofmap.shape.size() == 4)
    run.add_layer(listed_add(run, operation, ofmap, activation == model::Activation_RELU));
}

void run_pad(Run& run, const Operation& operation) {
  const Tensor &in = run.tensor(operation.inputs[0]), &out = run.tensor(operation.outputs[0]);
  if (operation.inputs.size() != 2 || operation.inputs[1] < 0)
    throw Error("inputs", std::to_string(operation.inputs.size()), "2");
  const std::vector<std::int64_t> widths = integers(run.tensor(operation.inputs[1]));
  if (widths.size() != 2 * in.shape.size() || out.shape.size() != in.shape.size())
    throw Error("paddings", std::to_string(widths.size()), "a pair for each axis");
  Axes before;
  for (std::size_t axis = 0; axis < in.shape.size(); ++axis) {
    before.push_back(widths[2 * axis]);
    const std::int64_t after = widths[2 * axis + 1];
    if (before.back() < 0 || after < 0 || out.shape[axis] - before.back() - after != in.shape[axis])
      throw Error(where_of(out), "shape " + shape_text(out.shape), "the input's and its padding");
  }
  const Value& value = run.value(operation.inputs[0]);
  Value result{.shape = out.shape, .codes = {}, .reals = {}};
  if (value.is_real()) {
    result.reals = padded(value.reals, in.shape, before, out.shape, 0.0F);
  } else {
    result.codes =
        padded(value.codes, in.shape, before, out.shape, static_cast<std::int16_t>(step_of(in).zero_point));
  }
  run.put(operation.outputs[0], std::move(result));
}

void run_reshape(Run& run, const Operation& operation) {
  const Tensor& out = run.tensor(operation.outputs[0]);
  Value value = run.value(operation.inputs[0]);
  const auto elements = static_cast<std::int64_t>(value.is_real() ? value.reals.size() : value.codes.size());
  if (out.elements() != elements)
    throw Error(where_of(out), "shape " + shape_text(out.shape), std::to_string(elements) + " values");
  value.shape = out.shape;
  run.put(operation.outputs[0], std::move(value));
}

}  // namespace basil::tflite_import
