// Operators that move elements or only say their shape anew.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators.h"

namespace basil::onnx_import {
namespace {

std::int64_t product(Axes::const_iterator begin, Axes::const_iterator end) {
  return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>());
}

Tensor reshaped(const Call& call, Axes shape) {
  if (elements_of(shape, call.where()) != call[0].size())
    throw Error(call.where(), shape_text(call[0].shape) + " to " + shape_text(shape), "as many elements");
  return {.shape = std::move(shape), .elements = call[0].elements};
}

Tensor identity(const Call& call) { return call[0]; }

Tensor flatten(const Call& call) {
  const Axes& shape = call[0].shape;
  std::int64_t axis = call.node().integer("axis", 1);
  if (axis != static_cast<std::int64_t>(shape.size()))  // which flattens to one column
    axis = static_cast<std::int64_t>(axis_of(axis, shape.size(), call.where() + ": axis"));
  return reshaped(call,
                  {product(shape.begin(), shape.begin() + axis), product(shape.begin() + axis, shape.end())});
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
std::vector<std::int64_t> axes_of(const Call& call) {
  if (const Tensor* input = call.optional(1)) return input->integers(call.where() + ": axes");
  return call.node().integers("axes").value_or(std::vector<std::int64_t>{});
}

Tensor squeeze(const Call& call) {
  const Axes& from = call[0].shape;
  const std::vector<std::int64_t> axes = axes_of(call);
  std::vector<bool> gone(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) gone[i] = axes.empty() && from[i] == 1;
  for (const std::int64_t axis : axes) gone[axis_of(axis, from.size(), call.where() + ": axes")] = true;
  Axes shape;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!gone[i]) shape.push_back(from[i]);
  }
  return reshaped(call, std::move(shape));
}

Tensor unsqueeze(const Call& call) {
  const std::vector<std::int64_t> axes = axes_of(call);
  const std::size_t rank = call[0].shape.size() + axes.size();
  std::vector<bool> made(rank);
  for (const std::int64_t axis : axes) {
    const std::size_t at = axis_of(axis, rank, call.where() + ": axes");
    if (made[at]) throw Error(call.where() + ": axes", fmt::format("axis {} twice", axis), "it once");
    made[at] = true;
  }
  Axes shape;
  auto kept = call[0].shape.begin();
  for (std::size_t i = 0; i < rank; ++i) shape.push_back(made[i] ? 1 : *kept++);
  return reshaped(call, std::move(shape));
}

Tensor shape_of(const Call& call) {
  const Axes& shape = call[0].shape;
  return {.shape = {static_cast<std::int64_t>(shape.size())}, .elements = shape};
}

// Along axis 0, as exporters do to pick one axis of a Shape.
Tensor gather(const Call& call) {
  if (call.node().integer("axis", 0) != 0)
    throw Error(call.where() + ": axis", std::to_string(call.node().integer("axis", 0)), "0");
  const Axes& from = call[0].shape;
  if (from.empty()) throw Error(call.where(), "a scalar", "a tensor");
  const auto& indices = call[1].integers(call.where() + ": indices");
  Axes shape = call[1].shape;
  shape.insert(shape.end(), from.begin() + 1, from.end());
  (void)elements_of(shape, call.where());
  const std::int64_t block = product(from.begin() + 1, from.end());
  return std::visit(
      [&](const auto& in) -> Tensor {
        std::remove_cvref_t<decltype(in)> out;
        for (const std::int64_t index : indices) {
          const std::int64_t at = index < 0 ? index + from[0] : index;
          if (at < 0 || at >= from[0])
            throw Error(call.where(), fmt::format("index {}", index), fmt::format("one of {}", from[0]));
          out.insert(out.end(), in.begin() + at * block, in.begin() + (at + 1) * block);
        }
        return {.shape = std::move(shape), .elements = std::move(out)};
      },
      call[0].elements);
}

// The shape of the inputs joined along an axis.
Axes joined_shape(const Call& call, std::size_t axis) {
  Axes shape = call[0].shape;
  for (std::size_t i = 1; i < call.inputs(); ++i) {
    Axes other = call[i].shape;
    const bool same_kind = call[i].elements.index() == call[0].elements.index();
    const std::int64_t more = axis < other.size() ? std::exchange(other[axis], shape[axis]) : 0;
    if (other != shape || !same_kind) {
      throw Error(call.where(),
                  fmt::format("shapes {} and {}", shape_text(call[0].shape), shape_text(call[i].shape)),
                  "tensors alike but for the axis");
    }
    shape[axis] += more;
    (void)elements_of(shape, call.where());
  }
  return shape;
}

Tensor concat(const Call& call) {
  const std::size_t axis =
      axis_of(call.node().integer("axis", 1), call[0].shape.size(), call.where() + ": axis");
  Axes shape = joined_shape(call, axis);
  const std::int64_t rows = product(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return std::visit(
      [&](const auto& first) -> Tensor {
        using List = std::remove_cvref_t<decltype(first)>;
        List out;
        for (std::int64_t row = 0; row < rows; ++row) {
          for (std::size_t i = 0; i < call.inputs(); ++i) {
            const List& in = std::get<List>(call[i].elements);
            const std::int64_t length = call[i].size() / rows;
            out.insert(out.end(), in.begin() + row * length, in.begin() + (row + 1) * length);
          }
        }
        return {.shape = std::move(shape), .elements = std::move(out)};
      },
      call[0].elements);
}

// Element steps of the input along each axis of the output.
Tensor transpose(const Call& call) {
  const Axes& from = call[0].shape;
  Axes plain(from.size());
  std::iota(plain.begin(), plain.end(), 0);
  const Axes order = call.node().integers("perm").value_or(Axes(plain.rbegin(), plain.rend()));
  if (!std::is_permutation(order.begin(), order.end(), plain.begin(), plain.end()))
    throw Error(call.where() + ": perm", shape_text(order), fmt::format("an order of {} axes", from.size()));
  Axes shape, steps;
  for (const std::int64_t axis : order) {
    shape.push_back(from[static_cast<std::size_t>(axis)]);
    steps.push_back(product(from.begin() + axis + 1, from.end()));
  }
  return std::visit(
      [&](const auto& in) -> Tensor {
        auto out = in;
        Axes index(shape.size(), 0);
        std::int64_t at = 0;
        for (auto& value : out) {
          value = in[static_cast<std::size_t>(at)];
          for (std::size_t i = index.size(); i-- > 0;) {
            at += steps[i];
            if (++index[i] < shape[i]) break;
            at -= steps[i] * shape[i];
            index[i] = 0;
          }
        }
        return {.shape = shape, .elements = std::move(out)};
      },
      call[0].elements);
}

}  // namespace

const Operators& shape_operators() {
  static const Operators table{{"Concat", concat},      {"Dropout", identity},  {"Flatten", flatten},
                               {"Gather", gather},      {"Identity", identity}, {"Reshape", reshape},
                               {"Shape", shape_of},     {"Squeeze", squeeze},   {"Transpose", transpose},
                               {"Unsqueeze", unsqueeze}};
  return table;
}

}  // namespace basil::onnx_import
