#include "traces/onnx/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "traces/encodings/limits.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {
namespace {

int bounded(std::int64_t value, std::int64_t least, const std::string& where) {
  if (value < least || value > greatest_dimension)
    throw Error(where, std::to_string(value), fmt::format("{} to {}", least, greatest_dimension));
  return static_cast<int>(value);
}

// One spatial axis.
struct Axis {
  std::int64_t size = 1, taps = 1, stride = 1, dilation = 1, before = 0, after = 0;

  [[nodiscard]] std::int64_t reach() const { return (taps - 1) * dilation + 1; }

  // As many outputs as strides fit into the axis; an odd element goes to the end in SAME_UPPER.
  void pad_same(bool upper) {
    const std::int64_t outputs = (size + stride - 1) / stride;
    const std::int64_t all = std::max<std::int64_t>(0, (outputs - 1) * stride + reach() - size);
    before = upper ? all / 2 : all - all / 2;
    after = all - before;
  }

  // Padding that turns a last window cut short into a whole one; none that starts behind the input.
  [[nodiscard]] std::int64_t ceil_padding() const {
    const std::int64_t rest = size + before + after - reach();
    if (rest < 0) return 0;
    std::int64_t last = (rest + stride - 1) / stride;
    if (last * stride >= size + before) --last;
    return std::max<std::int64_t>(0, last * stride - rest);
  }
};

// Lists of an attribute: `count` numbers, or that many of `otherwise`.
std::vector<std::int64_t> numbers(const Node& node, const std::string& key, std::size_t count,
                                  std::int64_t least, std::int64_t otherwise) {
  auto list = node.integers(key).value_or(std::vector<std::int64_t>(count, otherwise));
  const std::string where = node.where() + ": " + key;
  if (list.size() != count)
    throw Error(where, fmt::format("{} numbers", list.size()), fmt::format("{}", count));
  for (const std::int64_t number : list) (void)bounded(number, least, where);
  return list;
}

void pad(const Node& node, std::vector<Axis>& axes) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    for (Axis& axis : axes) axis.pad_same(automatic == "SAME_UPPER");
  } else if (automatic == "NOTSET") {
    const auto pads = numbers(node, "pads", 2 * axes.size(), 0, 0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      axes[i].before = pads[i];
      axes[i].after = pads[axes.size() + i];
    }
  } else if (automatic != "VALID") {
    throw Error(node.where() + ": auto_pad", "another word", "NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
}

// The spatial axes of (N, C, W) or (N, C, H, W), under a kernel of as many axes.
std::vector<Axis> spatial_axes(const Node& node, const Axes& input, const Axes& kernel) {
  if (input.size() != kernel.size() + 2) {
    throw Error(node.where(), "input of shape " + shape_text(input),
                kernel.size() == 1 ? "(N, C, W)" : "(N, C, H, W)");
  }
  const auto strides = numbers(node, "strides", kernel.size(), 1, 1),
             dilations = numbers(node, "dilations", kernel.size(), 1, 1);
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    axes.push_back({.size = bounded(input[i + 2], 1, node.where() + ": input"),
                    .taps = bounded(kernel[i], 1, node.where() + ": kernel_shape"),
                    .stride = strides[i],
                    .dilation = dilations[i]});
  }
  pad(node, axes);
  return axes;
}

void set_axes(std::vector<Axis> axes, const std::string& where, LayerShape& s) {
  if (axes.size() == 1) axes.insert(axes.begin(), Axis{});
  const auto padding = [&](std::int64_t elements) { return bounded(elements, 0, where + ": padding"); };
  s.H = static_cast<int>(axes[0].size);
  s.W = static_cast<int>(axes[1].size);
  s.R = static_cast<int>(axes[0].taps);
  s.S = static_cast<int>(axes[1].taps);
  s.stride_y = static_cast<int>(axes[0].stride);
  s.stride_x = static_cast<int>(axes[1].stride);
  s.dilation_y = static_cast<int>(axes[0].dilation);
  s.dilation_x = static_cast<int>(axes[1].dilation);
  s.pad_top = padding(axes[0].before);
  s.pad_bottom = padding(axes[0].after);
  s.pad_left = padding(axes[1].before);
  s.pad_right = padding(axes[1].after);
}

}  // namespace

LayerShape conv_shape(const Node& node, const Filters& filters, const Axes& input) {
  const Axes kernel = filters.axes == 1 ? Axes{filters.S} : Axes{filters.R, filters.S};
  if (const auto given = node.integers("kernel_shape"); given && *given != kernel)
    throw Error(node.where() + ": kernel_shape", shape_text(*given), shape_text(kernel) + " as the weights");
  LayerShape s;
  set_axes(spatial_axes(node, input, kernel), node.where(), s);
  s.N = bounded(input[0], 1, node.where() + ": batch");
  s.C = bounded(input[1], 1, node.where() + ": channels");
  s.K = bounded(filters.K, 1, node.where() + ": filters");
  s.groups = bounded(node.integer("group", 1), 1, node.where() + ": group");
  if (s.C % s.groups != 0 || s.K % s.groups != 0 || s.C / s.groups != filters.depth) {
    throw Error(
        node.where(),
        fmt::format("{} channels in {} groups, {} filters of depth {}", s.C, s.groups, s.K, filters.depth),
        "groups that divide both, and filters as deep as a group has channels");
  }
  return s;
}

// Rows of a tensor of more axes are so many inputs.
LayerShape fc_shape(const Node& node, const Filters& filters, const Axes& input) {
  if (input.size() < 2 || (node.op == "Gemm" && input.size() != 2) || input.back() != filters.depth) {
    throw Error(node.where(), "input of shape " + shape_text(input),
                fmt::format("(N, {}) as the weights", filters.depth));
  }
  const std::int64_t rows =
      std::accumulate(input.begin(), input.end() - 1, std::int64_t{1}, std::multiplies<>());
  LayerShape s;
  s.N = bounded(rows, 1, node.where() + ": batch");
  s.C = bounded(filters.depth, 1, node.where() + ": inputs");
  s.K = bounded(filters.K, 1, node.where() + ": outputs");
  return s;
}

LayerShape image_shape(const Node& node, const Axes& input) {
  if (input.size() < 2 || input.size() > 4) {
    throw Error(node.where(), "a tensor of shape " + shape_text(input), "(N, C), (N, C, W) or (N, C, H, W)");
  }
  const std::string where = node.where() + ": shape";
  LayerShape s;
  s.N = bounded(input[0], 1, where);
  s.C = s.K = bounded(input[1], 1, where);
  if (input.size() > 2) s.W = bounded(input.back(), 1, where);
  if (input.size() > 3) s.H = bounded(input[2], 1, where);
  return s;
}

Window pool_window(const Node& node, const Axes& input) {
  const bool global = node.op.starts_with("Global") || node.op == "ReduceMean";
  Axes kernel(input.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, input.size())),
              input.end());
  if (!global) kernel = node.integers("kernel_shape").value_or(Axes{});
  if (kernel.size() != 1 && kernel.size() != 2)
    throw Error(node.where(), fmt::format("a window of {} axes", kernel.size()), "1 or 2");
  std::vector<Axis> axes = spatial_axes(node, input, kernel);
  Window window{.shape = image_shape(node, input)};
  window.given_bottom = axes.size() == 1 ? 0 : bounded(axes[0].after, 0, node.where() + ": padding");
  window.given_right = bounded(axes.back().after, 0, node.where() + ": padding");
  if (node.integer("ceil_mode", 0) != 0) {
    for (Axis& axis : axes) axis.after += axis.ceil_padding();
  }
  set_axes(std::move(axes), node.where(), window.shape);
  window.shape.groups = window.shape.C;
  return window;
}

}  // namespace basil::onnx_import
