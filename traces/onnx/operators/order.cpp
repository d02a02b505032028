// Operators that order the elements of an axis, or go through it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

Lines lines_along(const Axes& shape, std::size_t axis) {
  std::vector<bool> along(shape.size());
  along[axis] = true;
  return lines_of(shape, along);
}

template <bool greatest>
Tensor best_index(const Call& call) {
  const Axes& from = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", 0), from.size(), call.where() + ": axis");
  if (from[axis] == 0) throw Error(call.where(), "an axis without elements", "elements");
  const bool last = call.node().integer("select_last_index", 0) != 0;
  const Lines lines = lines_along(from, axis);
  std::vector<std::int64_t> out;
  std::visit(
      [&](const auto& in) {
        for (const std::int64_t start : lines.starts) {
          std::size_t best = 0;
          for (std::size_t j = 1; j < lines.along.size(); ++j) {
            const auto x = in[static_cast<std::size_t>(start + lines.along[j])],
                       y = in[static_cast<std::size_t>(start + lines.along[best])];
            if ((greatest ? x > y : x < y) || (last && x == y)) best = j;
          }
          out.push_back(static_cast<std::int64_t>(best));
        }
      },
      call[0].elements);
  Axes shape = from;
  shape[axis] = 1;
  if (call.node().integer("keepdims", 1) == 0) shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return {.shape = std::move(shape), .elements = std::move(out)};
}

// The k first of each line in order, ties by index; k is an attribute before opset 10.
std::vector<Tensor> top_k(const Call& call) {
  const Axes& from = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", -1), from.size(), call.where() + ": axis");
  std::int64_t k = call.node().integer("k", -1);
  if (const Tensor* given = call.optional(1)) {
    if (given->size() != 1) throw Error(call.where() + ": k", fmt::format("{} values", given->size()), "one");
    k = given->integers(call.where()).front();
  }
  if (k < 0 || k > from[axis])
    throw Error(call.where() + ": k", std::to_string(k), fmt::format("at most {}", from[axis]));
  const bool largest = call.node().integer("largest", 1) != 0;
  const Lines lines = lines_along(from, axis);
  Axes shape = from;
  shape[axis] = k;
  const Lines to = lines_along(shape, axis);
  Tensor values{.shape = shape, .elements = {}},
      indices{.shape = shape, .elements = std::vector<std::int64_t>()};
  auto& places = std::get<std::vector<std::int64_t>>(indices.elements);
  places.resize(static_cast<std::size_t>(elements_of(shape, call.where())));
  std::visit(
      [&](const auto& in) {
        std::remove_cvref_t<decltype(in)> out(places.size());
        std::vector<std::size_t> order(lines.along.size());
        for (std::size_t line = 0; line < to.starts.size(); ++line) {
          const auto at = [&](std::size_t j) {
            return in[static_cast<std::size_t>(lines.starts[line] + lines.along[j])];
          };
          std::iota(order.begin(), order.end(), 0);
          std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return largest ? at(a) > at(b) : at(a) < at(b);
          });
          for (std::size_t j = 0; j < to.along.size(); ++j) {
            const auto place = static_cast<std::size_t>(to.starts[line] + to.along[j]);
            out[place] = at(order[j]);
            places[place] = static_cast<std::int64_t>(order[j]);
          }
        }
        values.elements = std::move(out);
      },
      call[0].elements);
  values.type = call[0].type;
  return {std::move(values), std::move(indices)};
}

Tensor cumulative_sum(const Call& call) {
  if (call[1].size() != 1) throw Error(call.where() + ": axis", "several", "one");
  const std::size_t axis =
      axis_of(call[1].integers(call.where()).front(), call[0].shape.size(), call.where() + ": axis");
  const bool exclusive = call.node().integer("exclusive", 0) != 0,
             reverse = call.node().integer("reverse", 0) != 0;
  Lines lines = lines_along(call[0].shape, axis);
  if (reverse) std::reverse(lines.along.begin(), lines.along.end());
  Tensor out = call[0];
  out.grid.reset();
  std::visit(
      [&](auto& values) {
        for (const std::int64_t start : lines.starts) {
          double sum = 0;
          for (const std::int64_t along : lines.along) {
            auto& value = values[static_cast<std::size_t>(start + along)];
            const double own = static_cast<double>(value), shown = exclusive ? sum : sum + own;
            sum += own;
            if constexpr (std::is_same_v<std::remove_reference_t<decltype(value)>, float>)
              value = static_cast<float>(shown);
            else
              value = saturated(out.type, shown);
          }
        }
      },
      out.elements);
  return out;
}

// Before opset 13 the axes from `axis` on (1 where it is not given) are one line; since then the lines lie
// along that axis (the last) alone.
Lines class_lines(const Call& call) {
  const Axes& shape = call[0].shape;
  const bool flat = call.node().opset < 13;
  const std::int64_t given = call.node().integer("axis", flat ? 1 : -1);
  std::vector<bool> along(shape.size());
  if (shape.empty() || (flat && given == static_cast<std::int64_t>(shape.size())))
    return lines_of(shape, along);
  const std::size_t axis = axis_of(given, shape.size(), call.where() + ": axis");
  for (std::size_t i = axis; i < (flat ? shape.size() : axis + 1); ++i) along[i] = true;
  return lines_of(shape, along);
}

// visit(line) for the values of each line, to be changed.
template <class Visit>
Tensor each_line(const Call& call, Visit visit) {
  const Lines lines = class_lines(call);
  std::vector<float> out = call[0].reals(call.where()), line(lines.along.size());
  if (line.empty()) return call[0];
  for (const std::int64_t start : lines.starts) {
    for (std::size_t j = 0; j < line.size(); ++j)
      line[j] = out[static_cast<std::size_t>(start + lines.along[j])];
    visit(line);
    for (std::size_t j = 0; j < line.size(); ++j)
      out[static_cast<std::size_t>(start + lines.along[j])] = line[j];
  }
  return {.shape = call[0].shape, .elements = std::move(out), .type = call[0].type};
}

Tensor softmax(const Call& call) {
  return each_line(call, [](std::vector<float>& line) {
    const float most = *std::max_element(line.begin(), line.end());
    float sum = 0;
    for (float& x : line) sum += x = std::exp(x - most);
    for (float& x : line) x /= sum;
  });
}

Tensor log_softmax(const Call& call) {
  return each_line(call, [](std::vector<float>& line) {
    const float most = *std::max_element(line.begin(), line.end());
    float sum = 0;
    for (const float x : line) sum += std::exp(x - most);
    for (float& x : line) x = x - most - std::log(sum);
  });
}

Tensor hardmax(const Call& call) {
  return each_line(call, [](std::vector<float>& line) {
    const auto best = std::max_element(line.begin(), line.end()) - line.begin();
    std::fill(line.begin(), line.end(), 0.0F);
    line[static_cast<std::size_t>(best)] = 1;
  });
}

}  // namespace

const Operators& order_operators() {
  static const Operators table{{"ArgMax", best_index<true>},
                               {"ArgMin", best_index<false>},
                               {"CumSum", cumulative_sum},
                               {"Hardmax", hardmax},
                               {"LogSoftmax", log_softmax},
                               {"Softmax", softmax},
                               {"TopK", top_k}};
  return table;
}

}  // namespace basil::onnx_import
