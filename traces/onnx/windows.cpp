#include "traces/onnx/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "traces/encodings/limits.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {
namespace {

// As many outputs as strides fit into the axis; an odd element goes to the end in SAME_UPPER.
void pad_same(SlidingAxis& axis, bool upper) {
  const std::int64_t outputs = (axis.size + axis.stride - 1) / axis.stride;
  const std::int64_t all = std::max<std::int64_t>(0, (outputs - 1) * axis.stride + axis.reach() - axis.size);
  axis.before = upper ? all / 2 : all - all / 2;
  axis.after = all - axis.before;
}

// Padding that turns a last window cut short into a whole one; none that starts behind the input.
std::int64_t ceil_padding(const SlidingAxis& axis) {
  const std::int64_t rest = axis.size + axis.before + axis.after - axis.reach();
  if (rest < 0) return 0;
  std::int64_t last = (rest + axis.stride - 1) / axis.stride;
  if (last * axis.stride >= axis.size + axis.before) --last;
  return std::max<std::int64_t>(0, last * axis.stride - rest);
}

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

void pad_axes(const Node& node, std::vector<SlidingAxis>& axes) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    for (SlidingAxis& axis : axes) pad_same(axis, automatic == "SAME_UPPER");
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

}  // namespace

std::int64_t SlidingAxis::outputs() const {
  const std::int64_t rest = size + before + after - reach();
  return rest < 0 ? 0 : rest / stride + 1;
}

int bounded(std::int64_t value, std::int64_t least, const std::string& where) {
  if (value < least || value > greatest_dimension)
    throw Error(where, std::to_string(value), fmt::format("{} to {}", least, greatest_dimension));
  return static_cast<int>(value);
}

std::vector<SlidingAxis> sliding_axes(const Node& node, const Axes& input, const Axes& kernel) {
  if (input.size() != kernel.size() + 2) {
    static const char* const forms[] = {"(N, C)", "(N, C, W)", "(N, C, H, W)", "(N, C, D, H, W)"};
    throw Error(node.where(), "input of shape " + shape_text(input),
                kernel.size() < std::size(forms) ? forms[kernel.size()] : "at most 3 spatial axes");
  }
  const auto strides = numbers(node, "strides", kernel.size(), 1, 1),
             dilations = numbers(node, "dilations", kernel.size(), 1, 1);
  std::vector<SlidingAxis> axes;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    axes.push_back({.size = bounded(input[i + 2], 1, node.where() + ": input"),
                    .taps = bounded(kernel[i], 1, node.where() + ": kernel_shape"),
                    .stride = strides[i],
                    .dilation = dilations[i]});
  }
  pad_axes(node, axes);
  for (SlidingAxis& axis : axes) axis.given_after = axis.after;
  return axes;
}

std::vector<SlidingAxis> pool_axes(const Node& node, const Axes& input) {
  const bool global = node.op.starts_with("Global") || node.op == "ReduceMean";
  Axes kernel(input.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, input.size())),
              input.end());
  if (!global) kernel = node.integers("kernel_shape").value_or(Axes{});
  if (kernel.empty() || kernel.size() > 3)
    throw Error(node.where(), fmt::format("a window of {} axes", kernel.size()), "1 to 3");
  std::vector<SlidingAxis> axes = sliding_axes(node, input, kernel);
  for (SlidingAxis& axis : axes) {
    if (node.integer("ceil_mode", 0) != 0) axis.after += ceil_padding(axis);
  }
  return axes;
}

void set_axes(std::vector<SlidingAxis> axes, const std::string& where, LayerShape& s) {
  axes.insert(axes.begin(), 2 - axes.size(), SlidingAxis{});
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

}  // namespace basil::onnx_import
