// Operators that pick or place elements by index.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// An index of an axis, counted from the end where it is negative.
std::int64_t index_of(std::int64_t index, std::int64_t length, const std::string& where) {
  const std::int64_t at = index < 0 ? index + length : index;
  if (at < 0 || at >= length)
    throw Error(where, fmt::format("index {}", index), fmt::format("one of {}", length));
  return at;
}

Tensor gather(const Call& call) {
  const Axes& from = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", 0), from.size(), call.where() + ": axis");
  const auto& indices = call[1].integers(call.where() + ": indices");
  Axes shape(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), call[1].shape.begin(), call[1].shape.end());
  shape.insert(shape.end(), from.begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.end());
  const auto count = static_cast<std::size_t>(elements_of(shape, call.where()));
  const std::int64_t rows = extent(from, 0, axis), block = extent(from, axis + 1, from.size());
  return std::visit(
      [&](const auto& in) -> Tensor {
        std::remove_cvref_t<decltype(in)> out;
        out.reserve(count);
        for (std::int64_t row = 0; row < rows; ++row) {
          for (const std::int64_t index : indices) {
            const std::int64_t at = row * from[axis] + index_of(index, from[axis], call.where());
            out.insert(out.end(), in.begin() + at * block, in.begin() + (at + 1) * block);
          }
        }
        return {.shape = std::move(shape), .elements = std::move(out), .type = call[0].type};
      },
      call[0].elements);
}

// Where each index along `axis` leads: its own place in the tensor, but for that axis.
std::vector<std::int64_t> places_along(const Call& call, std::size_t axis) {
  const Axes &from = call[0].shape, &shape = call[1].shape;
  bool fits = shape.size() == from.size();
  for (std::size_t i = 0; fits && i < from.size(); ++i) fits = i == axis || shape[i] <= from[i];
  if (!fits)
    throw Error(call.where(), "indices of shape " + shape_text(shape), "those of " + shape_text(from));
  const auto& indices = call[1].integers(call.where() + ": indices");
  Axes steps = steps_of(from);
  const std::int64_t step = steps[axis];
  steps[axis] = 0;
  std::vector<std::int64_t> places;
  places.reserve(indices.size());
  walk(shape, std::array{steps}, [&](const std::array<std::int64_t, 1>& at) {
    places.push_back(at[0] + step * index_of(indices[places.size()], from[axis], call.where()));
  });
  return places;
}

Tensor gather_elements(const Call& call) {
  const std::size_t axis = axis_of(call.node().integer("axis", 0), call[0].shape.size(), call.where());
  const std::vector<std::int64_t> places = places_along(call, axis);
  return std::visit(
      [&](const auto& in) -> Tensor {
        std::remove_cvref_t<decltype(in)> out;
        out.reserve(places.size());
        for (const std::int64_t at : places) out.push_back(in[static_cast<std::size_t>(at)]);
        return {.shape = call[1].shape, .elements = std::move(out), .type = call[0].type};
      },
      call[0].elements);
}

float added(float a, float b) { return a + b; }
float multiplied(float a, float b) { return a * b; }
// Integers overflow as two's complement does.
std::int64_t added(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t multiplied(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// Updates put at places, block by block.
Tensor placed(const Call& call, const std::vector<std::int64_t>& places, std::int64_t block) {
  const std::string how = call.node().text("reduction", "none");
  const Tensor& updates = call[2];
  if (updates.size() != static_cast<std::int64_t>(places.size()) * block || updates.real() != call[0].real())
    throw Error(call.where() + ": updates", shape_text(updates.shape), "one for each index");
  Tensor out = call[0];
  out.grid.reset();
  std::visit(
      [&](auto& values) {
        using List = std::remove_cvref_t<decltype(values)>;
        auto update = std::get<List>(updates.elements).begin();
        for (const std::int64_t place : places) {
          for (std::int64_t i = 0; i < block; ++i, ++update) {
            auto& value = values[static_cast<std::size_t>(place + i)];
            if (how == "none")
              value = *update;
            else if (how == "add")
              value = added(value, *update);
            else if (how == "mul")
              value = multiplied(value, *update);
            else if (how == "max")
              value = std::max(value, *update);
            else if (how == "min")
              value = std::min(value, *update);
            else
              throw Error(call.where() + ": reduction", "another word", "none, add, mul, max or min");
          }
        }
      },
      out.elements);
  return out;
}

Tensor scatter_elements(const Call& call) {
  const std::size_t axis = axis_of(call.node().integer("axis", 0), call[0].shape.size(), call.where());
  return placed(call, places_along(call, axis), 1);
}

// Each row of the last axis of the indices names a block, behind `batch` axes that both share.
struct Blocks {
  std::vector<std::int64_t> places;
  std::int64_t size;
  Axes shape;  // of what is gathered
};

Blocks blocks_of(const Call& call, std::size_t batch) {
  const Axes &from = call[0].shape, &shape = call[1].shape;
  const auto& indices = call[1].integers(call.where() + ": indices");
  const std::size_t depth =
      shape.empty() ? 0 : static_cast<std::size_t>(std::clamp<std::int64_t>(shape.back(), 0, 99));
  if (depth == 0 || batch >= shape.size() || batch + depth > from.size() ||
      !std::equal(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(batch), shape.begin()))
    throw Error(call.where(), "indices of shape " + shape_text(shape), "those of " + shape_text(from));
  const Axes steps = steps_of(from);
  Blocks blocks{.places = {}, .size = extent(from, batch + depth, from.size()), .shape = {}};
  const std::int64_t a_batch = std::max<std::int64_t>(1, extent(shape, batch, shape.size() - 1));
  for (std::size_t i = 0; i < indices.size(); i += depth) {
    std::int64_t at = static_cast<std::int64_t>(i / depth) / a_batch * extent(from, batch, from.size());
    for (std::size_t j = 0; j < depth; ++j)
      at += steps[batch + j] * index_of(indices[i + j], from[batch + j], call.where());
    blocks.places.push_back(at);
  }
  blocks.shape.assign(shape.begin(), shape.end() - 1);
  blocks.shape.insert(blocks.shape.end(), from.begin() + static_cast<std::ptrdiff_t>(batch + depth),
                      from.end());
  return blocks;
}

Tensor gather_nd(const Call& call) {
  const std::int64_t batch = call.node().integer("batch_dims", 0);
  if (batch < 0 || batch > 99) throw Error(call.where() + ": batch_dims", std::to_string(batch), "0 or more");
  Blocks blocks = blocks_of(call, static_cast<std::size_t>(batch));
  const auto count = static_cast<std::size_t>(elements_of(blocks.shape, call.where()));
  return std::visit(
      [&](const auto& in) -> Tensor {
        std::remove_cvref_t<decltype(in)> out;
        out.reserve(count);
        for (const std::int64_t at : blocks.places)
          out.insert(out.end(), in.begin() + at, in.begin() + at + blocks.size);
        return {.shape = std::move(blocks.shape), .elements = std::move(out), .type = call[0].type};
      },
      call[0].elements);
}

Tensor scatter_nd(const Call& call) {
  const Blocks blocks = blocks_of(call, 0);
  return placed(call, blocks.places, blocks.size);
}

Tensor one_hot(const Call& call) {
  const Tensor &depths = call[1], &values = call[2];
  if (depths.size() != 1 || values.size() != 2)
    throw Error(call.where(), "depth or values of another size", "one depth, two values");
  const auto number = [](const Tensor& tensor, std::size_t i) {
    return std::visit([i](const auto& list) { return static_cast<double>(list[i]); }, tensor.elements);
  };
  const double given = number(depths, 0);
  if (!(given >= 1 && given <= static_cast<double>(greatest_tensor)))
    throw Error(call.where() + ": depth", fmt::format("{}", given), "1 or more");
  const auto depth = static_cast<std::int64_t>(given);
  Axes shape = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", -1), shape.size() + 1, call.where());
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  const auto count = static_cast<std::size_t>(elements_of(shape, call.where()));
  const std::int64_t block = extent(shape, axis + 1, shape.size());
  return std::visit(
      [&](const auto& pair) -> Tensor {
        std::remove_cvref_t<decltype(pair)> out(count, pair[0]);
        for (std::int64_t i = 0; i < call[0].size(); ++i) {
          const auto index = saturated(ElementType::int64, number(call[0], static_cast<std::size_t>(i)));
          const std::int64_t at = index < 0 ? index + depth : index;
          if (at < 0 || at >= depth) continue;
          out[static_cast<std::size_t>((i / block * depth + at) * block + i % block)] = pair[1];
        }
        return {.shape = std::move(shape), .elements = std::move(out), .type = values.type};
      },
      values.elements);
}

Tensor non_zero(const Call& call) {
  const Axes &shape = call[0].shape, steps = steps_of(shape);
  std::vector<std::int64_t> found;
  std::visit(
      [&](const auto& in) {
        for (std::size_t i = 0; i < in.size(); ++i) {
          if (in[i] != 0) found.push_back(static_cast<std::int64_t>(i));
        }
      },
      call[0].elements);
  std::vector<std::int64_t> out;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    for (const std::int64_t at : found) out.push_back(at / steps[axis] % shape[axis]);
  }
  return {.shape = {static_cast<std::int64_t>(shape.size()), static_cast<std::int64_t>(found.size())},
          .elements = std::move(out)};
}

}  // namespace

const Operators& gather_operators() {
  static const Operators table{{"Gather", gather},
                               {"GatherElements", gather_elements},
                               {"GatherND", gather_nd},
                               {"NonZero", non_zero},
                               {"OneHot", one_hot},
                               {"Scatter", scatter_elements},
                               {"ScatterElements", scatter_elements},
                               {"ScatterND", scatter_nd}};
  return table;
}

}  // namespace basil::onnx_import
