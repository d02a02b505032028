// Operators that cut pieces out, and Pad, which puts something around.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// Input `index`, or the attribute of older opsets.
std::optional<Axes> given_numbers(const Call& call, std::size_t index, const char* key) {
  if (const Tensor* input = call.optional(index)) return input->integers(call.where() + ": " + key);
  return call.node().integers(key);
}

struct Cut {
  std::int64_t first, step, count;
};

// Elements first, first + step, ... up to `end`, of an axis of `length`: what lies outside is clamped.
Cut cut_of(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t length) {
  if (start < 0) start = std::max(start, -length - 1) + length;
  if (end < 0) end = std::max(end, -length - 1) + length;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, length);
    end = std::clamp<std::int64_t>(end, 0, length);
    const std::int64_t span = end - start;
    return {start, step, span <= 0 ? 0 : (span - 1) / step + 1};
  }
  start = std::clamp<std::int64_t>(start, -1, length - 1);
  end = std::clamp<std::int64_t>(end, -1, length - 1);
  const std::int64_t span = start - end;
  const std::int64_t back = step == std::numeric_limits<std::int64_t>::min() ? -(step + 1) : -step;
  return {start, step, span <= 0 ? 0 : (span - 1) / back + 1};
}

Tensor slice(const Call& call) {
  const Axes& from = call[0].shape;
  const auto starts = given_numbers(call, 1, "starts"), ends = given_numbers(call, 2, "ends");
  if (!starts || !ends) throw Error(call.where(), "no starts or ends", "both");
  Axes plain(starts->size());
  std::iota(plain.begin(), plain.end(), 0);
  const Axes axes = given_numbers(call, 3, "axes").value_or(plain);
  const Axes steps = given_numbers(call, 4, "steps").value_or(Axes(starts->size(), 1));
  if (ends->size() != starts->size() || axes.size() != starts->size() || steps.size() != starts->size())
    throw Error(call.where(), "lists of different lengths", "a start, end, axis and step for each");
  (void)axis_mask(axes, from.size(), call.where());
  Axes shape = from, walk_steps = steps_of(from);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == 0) throw Error(call.where() + ": steps", "0", "any other number");
    const std::size_t axis = axis_of(axes[i], from.size(), call.where());
    const Cut cut = cut_of((*starts)[i], (*ends)[i], steps[i], from[axis]);
    first += cut.count == 0 ? 0 : cut.first * walk_steps[axis];
    shape[axis] = cut.count;
    // A step is taken only where a second element follows, and then is shorter than the axis.
    walk_steps[axis] *= cut.count > 1 ? cut.step : 0;
  }
  return strided(call[0], std::move(shape), walk_steps, first, call.where());
}

// The lengths of the pieces: given, or all alike; since opset 18 the last may be shorter.
Axes piece_lengths(const Call& call, std::int64_t length) {
  if (const auto given = given_numbers(call, 1, "split")) return *given;
  const auto pieces = static_cast<std::int64_t>(call.node().outputs.size());
  const std::int64_t wanted = call.node().integer("num_outputs", pieces);
  if (wanted != pieces)
    throw Error(call.where() + ": num_outputs", std::to_string(wanted), fmt::format("{} outputs", pieces));
  const std::int64_t piece = (length + pieces - 1) / pieces;
  Axes lengths(static_cast<std::size_t>(pieces), piece);
  lengths.back() = length - piece * (pieces - 1);
  if (call.node().opset < 18 && lengths.back() != piece)
    throw Error(call.where(), fmt::format("{} elements for {} outputs", length, pieces), "equal pieces");
  return lengths;
}

std::vector<Tensor> split(const Call& call) {
  const Axes& from = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", 0), from.size(), call.where() + ": axis");
  const Axes lengths = piece_lengths(call, from[axis]);
  std::int64_t sum = 0;
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > from[axis] - sum)
      throw Error(call.where() + ": split", shape_text(lengths), fmt::format("{} in all", from[axis]));
    sum += length;
  }
  if (sum != from[axis] || lengths.size() != call.node().outputs.size())
    throw Error(call.where() + ": split", shape_text(lengths),
                fmt::format("{} in all, for {} outputs", from[axis], call.node().outputs.size()));
  const Axes steps = steps_of(from);
  std::vector<Tensor> pieces;
  std::int64_t first = 0;
  for (const std::int64_t length : lengths) {
    Axes shape = from;
    shape[axis] = length;
    pieces.push_back(strided(call[0], std::move(shape), steps, first * steps[axis], call.where()));
    first += length;
  }
  return pieces;
}

// Elements before and after each axis; negative ones cut off.
struct Padding {
  Axes before, after;
};

Padding padding_of(const Call& call) {
  const std::size_t rank = call[0].shape.size();
  const auto pads = given_numbers(call, 1, call.node().has("paddings") ? "paddings" : "pads");
  Axes axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (const Tensor* given = call.optional(3)) axes = given->integers(call.where() + ": axes");
  (void)axis_mask(axes, rank, call.where());
  if (!pads || pads->size() != 2 * axes.size())
    throw Error(call.where() + ": pads", fmt::format("{} numbers", pads ? pads->size() : 0),
                fmt::format("{}", 2 * axes.size()));
  Padding padding{Axes(rank, 0), Axes(rank, 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_of(axes[i], rank, call.where());
    padding.before[axis] = (*pads)[i];
    padding.after[axis] = (*pads)[axes.size() + i];
  }
  for (std::size_t i = 0; i < rank; ++i) {
    if (std::max(std::abs(padding.before[i]), std::abs(padding.after[i])) > greatest_tensor)
      throw Error(call.where() + ": pads", "a padding too large", fmt::format("at most {}", greatest_tensor));
  }
  return padding;
}

// Which element of an axis of `length` stands at `at`, counted from its first; -1 for none.
std::int64_t source_of(std::int64_t at, std::int64_t length, const std::string& mode) {
  if (at >= 0 && at < length) return at;
  if (mode == "constant" || length == 0) return -1;
  if (mode == "edge") return std::clamp<std::int64_t>(at, 0, length - 1);
  if (mode == "wrap") return ((at % length) + length) % length;
  const std::int64_t period = std::max<std::int64_t>(1, 2 * (length - 1));  // reflect, the edge not repeated
  const std::int64_t place = ((at % period) + period) % period;
  return place < length ? place : period - place;
}

Tensor pad(const Call& call) {
  const std::string mode = call.node().text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    throw Error(call.where() + ": mode", "another word", "constant, edge, reflect or wrap");
  const Padding padding = padding_of(call);
  const Axes& from = call[0].shape;
  Axes shape;
  std::vector<std::vector<std::int64_t>> sources(from.size());  // of each axis, in elements; -1 for none
  const Axes steps = steps_of(from);
  for (std::size_t i = 0; i < from.size(); ++i) {
    shape.push_back(from[i] + padding.before[i] + padding.after[i]);
    (void)elements_of(shape, call.where());
    for (std::int64_t at = 0; at < shape[i]; ++at) {
      const std::int64_t source = source_of(at - padding.before[i], from[i], mode);
      sources[i].push_back(source < 0 ? -1 : source * steps[i]);
    }
  }
  const Tensor* value = call.optional(2);
  if (value != nullptr && (value->size() != 1 || value->real() != call[0].real()))
    throw Error(call.where() + ": value", shape_text(value->shape), "one of the input's type");
  return std::visit(
      [&](const auto& in) -> Tensor {
        using List = std::remove_cvref_t<decltype(in)>;
        auto around = static_cast<typename List::value_type>(call.node().real("value", 0));
        if (value != nullptr) around = std::get<List>(value->elements).front();
        List out(static_cast<std::size_t>(elements_of(shape, call.where())), around);
        const Axes own = steps_of(shape);
        for (std::size_t i = 0; i < out.size(); ++i) {
          std::int64_t at = 0;
          bool inside = true;
          for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            const auto index =
                static_cast<std::size_t>(static_cast<std::int64_t>(i) / own[axis] % shape[axis]);
            inside = inside && sources[axis][index] >= 0;
            at += sources[axis][index];
          }
          if (inside) out[i] = in[static_cast<std::size_t>(at)];
        }
        return {.shape = std::move(shape), .elements = std::move(out), .type = call[0].type};
      },
      call[0].elements);
}

}  // namespace

const Operators& slice_operators() {
  static const Operators table{{"Pad", pad}, {"Slice", slice}, {"Split", split}};
  return table;
}

}  // namespace basil::onnx_import
