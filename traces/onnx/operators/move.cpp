// Operators that put elements elsewhere.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// A tensor with its axes in another order.
Tensor permuted(const Tensor& in, const Axes& order, const std::string& where) {
  const Axes from = steps_of(in.shape);
  Axes shape, steps;
  for (const std::int64_t axis : order) {
    shape.push_back(in.shape[static_cast<std::size_t>(axis)]);
    steps.push_back(from[static_cast<std::size_t>(axis)]);
  }
  return strided(in, std::move(shape), steps, 0, where);
}

Tensor transpose(const Call& call) {
  Axes plain(call[0].shape.size());
  std::iota(plain.begin(), plain.end(), 0);
  const Axes order = call.node().integers("perm").value_or(Axes(plain.rbegin(), plain.rend()));
  if (!std::is_permutation(order.begin(), order.end(), plain.begin(), plain.end()))
    throw Error(call.where() + ": perm", shape_text(order), fmt::format("an order of {} axes", plain.size()));
  Tensor out = permuted(call[0], order, call.where());
  if (const auto& grid = call[0].grid) {
    Grid moved = *grid;
    const auto axis = std::find(order.begin(), order.end(), static_cast<std::int64_t>(grid->axis));
    moved.axis = static_cast<std::size_t>(axis - order.begin());
    out.grid = std::make_shared<const Grid>(std::move(moved));
  }
  return out;
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
  const std::int64_t rows = extent(shape, 0, axis);
  return std::visit(
      [&](const auto& first) -> Tensor {
        using List = std::remove_cvref_t<decltype(first)>;
        List out;
        out.reserve(static_cast<std::size_t>(elements_of(shape, call.where())));
        for (std::int64_t row = 0; row < rows; ++row) {
          for (std::size_t i = 0; i < call.inputs(); ++i) {
            const List& in = std::get<List>(call[i].elements);
            const std::int64_t length = call[i].size() / rows;
            out.insert(out.end(), in.begin() + row * length, in.begin() + (row + 1) * length);
          }
        }
        return {.shape = std::move(shape), .elements = std::move(out), .type = call[0].type};
      },
      call[0].elements);
}

// Each axis seen as (repeats, axis), of which the first takes no step.
Tensor tile_tensor(const Call& call) {
  const Axes& repeats = call[1].integers(call.where() + ": repeats");
  const Axes& from = call[0].shape;
  if (repeats.size() != from.size())
    throw Error(call.where() + ": repeats", fmt::format("{} numbers", repeats.size()),
                fmt::format("{}", from.size()));
  const Axes own = steps_of(from);
  Axes shape, steps, merged;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > greatest_tensor)
      throw Error(call.where() + ": repeats", std::to_string(repeats[i]), "0 or more");
    if (repeats[i] != 1) {
      shape.push_back(repeats[i]);
      steps.push_back(0);
    }
    shape.push_back(from[i]);
    steps.push_back(own[i]);
    merged.push_back(repeats[i] * from[i]);
  }
  (void)elements_of(merged, call.where());
  Tensor out = call[0];
  std::visit(
      [&](const auto& in) {
        std::remove_cvref_t<decltype(in)> values;
        walk(shape, std::array{steps}, [&](const std::array<std::int64_t, 1>& at) {
          values.push_back(in[static_cast<std::size_t>(at[0])]);
        });
        out.elements = std::move(values);
      },
      call[0].elements);
  out.shape = std::move(merged);
  return out;
}

// (N, C, H, W) and the block, which must divide what it is taken from.
std::int64_t block_of(const Call& call) {
  const std::int64_t block = call.node().integer("blocksize", 0);
  if (call[0].shape.size() != 4)
    throw Error(call.where(), "input of shape " + shape_text(call[0].shape), "(N, C, H, W)");
  if (block < 1 || block > greatest_tensor)
    throw Error(call.where() + ": blocksize", std::to_string(block), "1 or more");
  return block;
}

Tensor regrouped(const Call& call, const Axes& split, const Axes& order, Axes shape) {
  Tensor in = call[0];
  in.shape = split;
  Tensor out = permuted(in, order, call.where());
  out.shape = std::move(shape);
  return out;
}

Tensor depth_to_space(const Call& call) {
  const std::int64_t b = block_of(call);
  const Axes& s = call[0].shape;
  const std::string mode = call.node().text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") throw Error(call.where() + ": mode", "another word", "DCR or CRD");
  if (b > s[1] || s[1] % (b * b) != 0)
    throw Error(call.where(), fmt::format("{} channels", s[1]), fmt::format("a multiple of {}²", b));
  const std::int64_t c = s[1] / (b * b);
  Axes shape{s[0], c, s[2] * b, s[3] * b};
  if (mode == "DCR")
    return regrouped(call, {s[0], b, b, c, s[2], s[3]}, {0, 3, 4, 1, 5, 2}, std::move(shape));
  return regrouped(call, {s[0], c, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3}, std::move(shape));
}

Tensor space_to_depth(const Call& call) {
  const std::int64_t b = block_of(call);
  const Axes& s = call[0].shape;
  if (s[2] % b != 0 || s[3] % b != 0)
    throw Error(call.where(), "input of shape " + shape_text(s), fmt::format("rows and columns of {}", b));
  return regrouped(call, {s[0], s[1], s[2] / b, b, s[3] / b, b}, {0, 3, 5, 1, 2, 4},
                   {s[0], s[1] * b * b, s[2] / b, s[3] / b});
}

// The upper or lower triangle of each matrix, the rest 0.
Tensor trilu(const Call& call) {
  const Axes& shape = call[0].shape;
  if (shape.size() < 2) throw Error(call.where(), "input of shape " + shape_text(shape), "matrices");
  const Tensor* k = call.optional(1);
  if (k != nullptr && k->size() != 1) throw Error(call.where() + ": k", shape_text(k->shape), "a scalar");
  const std::int64_t rows = shape[shape.size() - 2], columns = shape.back();
  const std::int64_t shift =
      k == nullptr ? 0 : std::clamp<std::int64_t>(k->integers(call.where()).front(), -rows - 1, columns + 1);
  const bool upper = call.node().integer("upper", 1) != 0;
  Tensor out = call[0];
  out.grid.reset();
  std::visit(
      [&](auto& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          const auto at = static_cast<std::int64_t>(i);
          const std::int64_t above = at % columns - at / columns % rows - shift;
          if (upper ? above < 0 : above > 0) values[i] = 0;
        }
      },
      out.elements);
  return out;
}

// Each image's first `length` steps the other way round.
Tensor reverse_sequence(const Call& call) {
  const Axes& shape = call[0].shape;
  const std::size_t batch = axis_of(call.node().integer("batch_axis", 1), shape.size(), call.where()),
                    time = axis_of(call.node().integer("time_axis", 0), shape.size(), call.where());
  const auto& lengths = call[1].integers(call.where() + ": sequence_lens");
  const Axes steps = steps_of(shape);
  Tensor out = call[0];
  if (static_cast<std::int64_t>(lengths.size()) != shape[batch])
    throw Error(call.where(), fmt::format("{} lengths", lengths.size()), fmt::format("{}", shape[batch]));
  std::visit(
      [&](const auto& in) {
        auto& values = std::get<std::remove_cvref_t<decltype(in)>>(out.elements);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const auto at = static_cast<std::int64_t>(i);
          const std::int64_t step = at / steps[time] % shape[time];
          const std::int64_t length = lengths[static_cast<std::size_t>(at / steps[batch] % shape[batch])];
          if (step >= length || length > shape[time]) continue;
          values[i] = in[static_cast<std::size_t>(at + (length - 1 - 2 * step) * steps[time])];
        }
      },
      call[0].elements);
  return out;
}

}  // namespace

const Operators& move_operators() {
  static const Operators table{{"Concat", concat},
                               {"DepthToSpace", depth_to_space},
                               {"ReverseSequence", reverse_sequence},
                               {"SpaceToDepth", space_to_depth},
                               {"Tile", tile_tensor},
                               {"Transpose", transpose},
                               {"Trilu", trilu}};
  return table;
}

}  // namespace basil::onnx_import
