// ConvTranspose. Output y takes from input i by tap r where y + padding = i * stride + r * dilation: outputs
// of one remainder by the stride take from the same taps, and are what a convolution of stride 1 with these
// taps, turned round, makes. So each of stride x stride phases is a layer, and no product with an inserted
// zero is counted.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layer_operators.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {
namespace {

constexpr std::int64_t most_phases = 4096;

// One axis of the operator.
struct Spread {
  std::int64_t size = 1, taps = 1, stride = 1, dilation = 1, before = 0, outputs = 1;
};

// One phase along one axis: outputs first, first + stride, ...; taps turned round; the input rows they see.
struct Phase {
  std::int64_t first = 0, outputs = 0;
  std::vector<std::int64_t> taps;
  std::int64_t dilation = 1;
  std::int64_t from = 0, rows = 0, pad_before = 0, pad_after = 0;

  [[nodiscard]] bool sees_input() const { return outputs > 0 && !taps.empty() && rows > 0; }
};

Phase phase_of(const Spread& s, std::int64_t first) {
  Phase phase;
  phase.first = first;
  phase.outputs = first < s.outputs ? (s.outputs - first - 1) / s.stride + 1 : 0;
  const std::int64_t shift = first + s.before;
  for (std::int64_t tap = s.taps; tap-- > 0;) {
    if ((shift - tap * s.dilation) % s.stride == 0) phase.taps.push_back(tap);
  }
  if (phase.taps.empty() || phase.outputs == 0) return phase;
  phase.dilation = s.dilation / std::gcd(s.stride, s.dilation);
  // Input rows of the first output, from the first of the taps (which reaches furthest back) to the last.
  const std::int64_t low = (shift - phase.taps.front() * s.dilation) / s.stride;
  const std::int64_t high = (shift - phase.taps.back() * s.dilation) / s.stride + phase.outputs - 1;
  phase.from = std::max<std::int64_t>(0, low);
  phase.rows = std::min(s.size - 1, high) - phase.from + 1;
  phase.pad_before = phase.from - low;
  phase.pad_after = high - (phase.from + phase.rows - 1);
  return phase;
}

std::vector<std::int64_t> axis_list(const Node& node, const char* key, std::size_t count,
                                    std::int64_t otherwise, std::int64_t least) {
  auto list = node.integers(key).value_or(std::vector<std::int64_t>(count, otherwise));
  if (list.size() != count)
    throw Error(node.where() + ": " + key, fmt::format("{} numbers", list.size()), fmt::format("{}", count));
  for (const std::int64_t number : list) (void)bounded(number, least, node.where() + ": " + key);
  return list;
}

std::vector<Spread> spreads_of(const Node& node, const Axes& input, const Axes& kernel) {
  const std::size_t count = kernel.size();
  const auto strides = axis_list(node, "strides", count, 1, 1),
             dilations = axis_list(node, "dilations", count, 1, 1);
  const auto pads = axis_list(node, "pads", 2 * count, 0, 0),
             more = axis_list(node, "output_padding", count, 0, 0);
  const auto wanted = node.integers("output_shape");
  const std::string automatic = node.text("auto_pad", "NOTSET");
  std::vector<Spread> spreads;
  for (std::size_t i = 0; i < count; ++i) {
    Spread s{.size = bounded(input[i + 2], 1, node.where() + ": input"),
             .taps = bounded(kernel[i], 1, node.where() + ": kernel_shape"),
             .stride = strides[i],
             .dilation = dilations[i]};
    const std::int64_t whole = (s.size - 1) * s.stride + (s.taps - 1) * s.dilation + 1 + more[i];
    const bool same = automatic.starts_with("SAME");
    if (wanted || same) {
      // (of output_shape the last axes count: some exporters write all)
      if (wanted && wanted->size() < count)
        throw Error(node.where() + ": output_shape", shape_text(*wanted), fmt::format("{} numbers", count));
      s.outputs = wanted ? (*wanted)[wanted->size() - count + i] : s.size * s.stride;
      const std::int64_t cut = std::max<std::int64_t>(0, whole - s.outputs);
      s.before = automatic == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
    } else {
      s.before = automatic == "VALID" ? 0 : pads[i];
      s.outputs = whole - (automatic == "VALID" ? 0 : pads[i] + pads[count + i]);
    }
    (void)bounded(s.outputs, 1, node.where() + ": an axis of the output");
    spreads.push_back(s);
  }
  spreads.insert(spreads.begin(), 2 - count, Spread{});
  return spreads;
}

struct Whole {
  std::int64_t N = 1, C = 1, K = 1, groups = 1;
  Spread y, x;
};

// The filters of a phase: of weights (C, K / groups, R, S) the phase's taps.
Filters phase_filters(const Whole& whole, const std::vector<float>& weights, const std::vector<float>& bias,
                      const Phase& y, const Phase& x) {
  const std::int64_t depth = whole.C / whole.groups, each = whole.K / whole.groups;
  Filters filters{.K = whole.K,
                  .depth = depth,
                  .R = static_cast<std::int64_t>(y.taps.size()),
                  .S = static_cast<std::int64_t>(x.taps.size()),
                  .axes = 2,
                  .weights = {},
                  .bias = bias};
  for (std::int64_t k = 0; k < whole.K; ++k) {
    for (std::int64_t c = 0; c < depth; ++c) {
      const std::int64_t filter = (k / each * depth + c) * each + k % each;
      for (const std::int64_t r : y.taps) {
        for (const std::int64_t s : x.taps)
          filters.weights.push_back(
              weights[static_cast<std::size_t>((filter * whole.y.taps + r) * whole.x.taps + s)]);
      }
    }
  }
  return filters;
}

std::vector<float> cropped(const Whole& whole, const std::vector<float>& input, const Phase& y,
                           const Phase& x) {
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(whole.N * whole.C * y.rows * x.rows));
  for (std::int64_t plane = 0; plane < whole.N * whole.C; ++plane) {
    for (std::int64_t row = y.from; row < y.from + y.rows; ++row) {
      const auto first = input.begin() + (plane * whole.y.size + row) * whole.x.size + x.from;
      out.insert(out.end(), first, first + x.rows);
    }
  }
  return out;
}

LayerShape phase_shape(const Node& node, const Whole& whole, const Phase& y, const Phase& x) {
  const auto fit = [&](std::int64_t value, std::int64_t least) {
    return bounded(value, least, node.where());
  };
  LayerShape s;
  s.N = fit(whole.N, 1);
  s.C = fit(whole.C, 1);
  s.K = fit(whole.K, 1);
  s.groups = fit(whole.groups, 1);
  s.H = fit(y.rows, 1);
  s.W = fit(x.rows, 1);
  s.R = fit(static_cast<std::int64_t>(y.taps.size()), 1);
  s.S = fit(static_cast<std::int64_t>(x.taps.size()), 1);
  s.dilation_y = fit(y.dilation, 1);
  s.dilation_x = fit(x.dilation, 1);
  s.pad_top = fit(y.pad_before, 0);
  s.pad_bottom = fit(y.pad_after, 0);
  s.pad_left = fit(x.pad_before, 0);
  s.pad_right = fit(x.pad_after, 0);
  return s;
}

Whole whole_of(const LayerCall& at) {
  const Axes &input = at.call[0].shape, &weights = at.call[1].shape;
  const Node& node = at.node();
  if (weights.size() < 3 || weights.size() > 4)
    throw Error(node.where() + ": weights", "shape " + shape_text(weights),
                "(C, K/groups, S) or (C, K/groups, R, S)");
  if (input.size() != weights.size())
    throw Error(node.where(), "input of shape " + shape_text(input),
                weights.size() == 3 ? "(N, C, W)" : "(N, C, H, W)");
  const Axes kernel(weights.begin() + 2, weights.end());
  const std::vector<Spread> spreads = spreads_of(node, input, kernel);
  Whole whole{.N = bounded(input[0], 1, node.where() + ": batch"),
              .C = bounded(input[1], 1, node.where() + ": channels"),
              .groups = bounded(node.integer("group", 1), 1, node.where() + ": group"),
              .y = spreads[0],
              .x = spreads[1]};
  whole.K = bounded(weights[1] * whole.groups, 1, node.where() + ": filters");
  const std::int64_t phases =
      std::min(whole.y.stride, whole.y.outputs) * std::min(whole.x.stride, whole.x.outputs);
  if (phases > most_phases)
    throw Error(node.where() + ": strides", fmt::format("{} phases of the output", phases),
                fmt::format("at most {}", most_phases));
  if (weights[0] != whole.C || whole.C % whole.groups != 0)
    throw Error(node.where(), fmt::format("{} channels in {} groups", whole.C, whole.groups),
                fmt::format("{} as the weights", weights[0]));
  return whole;
}

// What a phase makes, put at its places of the output.
void place(const Whole& whole, const Phase& y, const Phase& x, const std::vector<float>& made,
           std::vector<float>& output) {
  auto from = made.begin();
  for (std::int64_t plane = 0; plane < whole.N * whole.K; ++plane) {
    for (std::int64_t p = 0; p < y.outputs; ++p) {
      const std::int64_t row = (plane * whole.y.outputs + y.first + p * whole.y.stride) * whole.x.outputs;
      for (std::int64_t q = 0; q < x.outputs; ++q)
        output[static_cast<std::size_t>(row + x.first + q * whole.x.stride)] = *from++;
    }
  }
}

std::vector<Tensor> conv_transpose(const LayerCall& at) {
  const Whole whole = whole_of(at);
  const Node& node = at.node();
  Tensor out =
      make_reals(at.call[0].shape.size() == 3 ? Axes{whole.N, whole.K, whole.x.outputs}
                                              : Axes{whole.N, whole.K, whole.y.outputs, whole.x.outputs},
                 at.where());
  auto& output = std::get<std::vector<float>>(out.elements);
  std::vector<float> bias;
  if (const Tensor* given = at.call.optional(2)) bias = given->reals(at.where() + ": bias");
  if (!bias.empty() && static_cast<std::int64_t>(bias.size()) != whole.K)
    throw Error(at.where() + ": bias", fmt::format("{} values", bias.size()), fmt::format("{}", whole.K));
  const std::int64_t plane = whole.y.outputs * whole.x.outputs;
  for (std::size_t i = 0; !bias.empty() && i < output.size(); ++i)  // where no tap reaches
    output[i] = bias[i / static_cast<std::size_t>(plane) % bias.size()];
  const std::vector<float>&input = at.call[0].reals(at.where()), &weights = at.call[1].reals(at.where());
  for (std::int64_t py = 0; py < std::min(whole.y.stride, whole.y.outputs); ++py) {
    for (std::int64_t px = 0; px < std::min(whole.x.stride, whole.x.outputs); ++px) {
      const Phase y = phase_of(whole.y, py), x = phase_of(whole.x, px);
      if (!y.sees_input() || !x.sees_input()) continue;
      const LayerShape shape = phase_shape(node, whole, y, x);
      const Filters filters = phase_filters(whole, weights, bias, y, x);
      const std::vector<float> seen = cropped(whole, input, y, x);
      const bool depthwise = shape.groups > 1 && shape.groups == shape.C;
      at.layers
          .add(node, fmt::format("phase_{}_{}", py, px), depthwise ? &depthwise_kind : &conv_kind, shape,
               filters, {seen, at.call[0].grid})
          .relu = at.relu;
      place(whole, y, x, convolve(shape, filters, seen), output);
    }
  }
  return {std::move(out)};
}

}  // namespace

const LayerOperators& transposed_operators() {
  static const LayerOperators table{{"ConvTranspose", conv_transpose}};
  return table;
}

}  // namespace basil::onnx_import
