// Operators that only say their shape anew, and those that make tensors from shapes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// One scale for all stays true of elements in any shape.
Tensor reshaped(const Call& call, Axes shape) {
  if (elements_of(shape, call.where()) != call[0].size())
    throw Error(call.where(), shape_text(call[0].shape) + " to " + shape_text(shape), "as many elements");
  Tensor result = call[0];
  result.shape = std::move(shape);
  if (result.grid && result.grid->scale.size() != 1) result.grid.reset();
  return result;
}

Tensor identity(const Call& call) { return call[0]; }

// Nothing is dropped when a network infers.
std::vector<Tensor> dropout(const Call& call) {
  const Tensor* training = call.optional(2);
  if (training != nullptr && training->integers(call.where()) != std::vector<std::int64_t>{0})
    throw Error(call.where() + ": training_mode", "true", "a model exported for inference");
  Tensor mask{.shape = call[0].shape,
              .elements = std::vector<std::int64_t>(static_cast<std::size_t>(call[0].size()), 1),
              .type = ElementType::boolean};
  return {call[0], std::move(mask)};
}

Tensor flatten(const Call& call) {
  const Axes& shape = call[0].shape;
  std::size_t axis = shape.size();  // which flattens to one column
  const std::int64_t given = call.node().integer("axis", 1);
  if (given != static_cast<std::int64_t>(axis)) axis = axis_of(given, shape.size(), call.where() + ": axis");
  return reshaped(call, {extent(shape, 0, axis), extent(shape, axis, shape.size())});
}

// 0 keeps the input's axis (unless allowzero), one -1 takes what is left.
Tensor reshape(const Call& call) {
  const Axes& from = call[0].shape;
  Axes shape = call[1].integers(call.where() + ": shape");
  std::int64_t* open = nullptr;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && call.node().integer("allowzero", 0) == 0 && i < from.size()) shape[i] = from[i];
    if (shape[i] != -1) continue;
    if (open != nullptr) throw Error(call.where() + ": shape", shape_text(shape), "at most one -1");
    open = &shape[i];
  }
  if (open != nullptr) {
    *open = 1;
    const std::int64_t known = elements_of(shape, call.where() + ": shape");
    *open = known == 0 ? 0 : call[0].size() / known;
  }
  return reshaped(call, std::move(shape));
}

// Axes are an attribute up to opset 12, an input since.
Tensor squeeze(const Call& call) {
  const Axes& from = call[0].shape;
  const auto axes = given_axes(call, 1);
  const std::vector<bool> gone = axis_mask(axes.value_or(Axes{}), from.size(), call.where());
  Axes shape;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (gone[i] && from[i] != 1)
      throw Error(call.where() + ": axes", fmt::format("an axis of {} elements", from[i]), "axes of 1");
    if (axes ? !gone[i] : from[i] != 1) shape.push_back(from[i]);
  }
  return reshaped(call, std::move(shape));
}

Tensor unsqueeze(const Call& call) {
  const Axes axes = given_axes(call, 1).value_or(Axes{});
  const std::size_t rank = call[0].shape.size() + axes.size();
  const std::vector<bool> made = axis_mask(axes, rank, call.where());
  Axes shape;
  auto kept = call[0].shape.begin();
  for (std::size_t i = 0; i < rank; ++i) shape.push_back(made[i] ? 1 : *kept++);
  return reshaped(call, std::move(shape));
}

// The axes from start up to end, both clamped; all of them before opset 15.
Tensor shape_of(const Call& call) {
  const Axes& shape = call[0].shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [&](const char* key, std::int64_t otherwise) {
    const std::int64_t axis = call.node().integer(key, otherwise);
    return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const std::int64_t start = bound("start", 0), end = bound("end", rank);
  Axes part(shape.begin() + start, shape.begin() + std::max(start, end));
  const auto count = static_cast<std::int64_t>(part.size());
  return {.shape = {count}, .elements = std::move(part)};
}

Tensor size_of(const Call& call) {
  return {.shape = {}, .elements = std::vector<std::int64_t>{call[0].size()}};
}

Tensor constant_of_shape(const Call& call) {
  Axes shape = call[0].integers(call.where() + ": shape");
  const auto count = static_cast<std::size_t>(elements_of(shape, call.where()));
  const Tensor* value = call.node().tensor("value");
  if (value == nullptr) return {.shape = std::move(shape), .elements = std::vector<float>(count)};
  if (value->size() != 1) throw Error(call.where() + ": value", shape_text(value->shape), "one element");
  return std::visit(
      [&](const auto& list) -> Tensor {
        return {.shape = std::move(shape),
                .elements = std::remove_cvref_t<decltype(list)>(count, list.front()),
                .type = value->type};
      },
      value->elements);
}

float stepped(float start, float delta, std::size_t steps) {
  return start + static_cast<float>(steps) * delta;
}
// Unsigned, so that nothing overflows on the way.
std::int64_t stepped(std::int64_t start, std::int64_t delta, std::size_t steps) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                   steps * static_cast<std::uint64_t>(delta));
}

// start, start + delta, ... below (or above) limit.
Tensor range(const Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (call[i].size() != 1 || call[i].real() != call[0].real())
      throw Error(call.where(), shape_text(call[i].shape), "three scalars of one type");
  }
  return std::visit(
      [&](const auto& starts) -> Tensor {
        using List = std::remove_cvref_t<decltype(starts)>;
        const auto start = starts.front(), limit = std::get<List>(call[1].elements).front(),
                   delta = std::get<List>(call[2].elements).front();
        const double steps =
            std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
        if (!(steps <= static_cast<double>(greatest_tensor)))  // NaN neither
          throw Error(call.where(), "an endless range", fmt::format("at most {} elements", greatest_tensor));
        List out(static_cast<std::size_t>(std::max(0.0, steps)));
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = stepped(start, delta, i);
        return {.shape = {static_cast<std::int64_t>(out.size())},
                .elements = std::move(out),
                .type = call[0].type};
      },
      call[0].elements);
}

Tensor expand(const Call& call) {
  const Axes& wanted = call[1].integers(call.where() + ": shape");
  (void)elements_of(wanted, call.where() + ": shape");
  return expanded(call[0], broadcast_shape({call[0].shape, wanted}, call.where()), call.where());
}

}  // namespace

const Operators& shape_operators() {
  static const Operators table{{"ConstantOfShape", constant_of_shape},
                               {"Dropout", dropout},
                               {"Expand", expand},
                               {"Flatten", flatten},
                               {"Identity", identity},
                               {"Range", range},
                               {"Reshape", reshape},
                               {"Shape", shape_of},
                               {"Size", size_of},
                               {"Squeeze", squeeze},
                               {"Unsqueeze", unsqueeze}};
  return table;
}

}  // namespace basil::onnx_import
