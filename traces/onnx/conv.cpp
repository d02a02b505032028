#include "traces/onnx/conv.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layer_operators.h"

namespace basil::onnx_import {
namespace {

void check_groups(const Node& node, const LayerShape& s, const Filters& filters) {
  if (s.C % s.groups == 0 && s.K % s.groups == 0 && s.C / s.groups == filters.depth * filters.T) return;
  throw Error(node.where(),
              fmt::format("{} channels in {} groups, {} filters of depth {}", s.C / filters.T, s.groups, s.K,
                          filters.depth),
              "groups that divide both, and filters as deep as a group has channels");
}

std::vector<Tensor> conv(const LayerCall& at) {
  const Call& call = at.call;
  const Node& node = at.node();
  const bool computed = at.filters == nullptr && !call.is_constant(1);
  Filters own;
  if (at.filters == nullptr) own = conv_filters(node, call[1], call.optional(2));
  const Filters& filters = at.filters == nullptr ? own : *at.filters;
  const ConvForm form = conv_form(node, filters, call[0].shape);
  (void)elements_of(form.output, at.where() + ": output");
  const std::vector<float>& given = call[0].reals(at.where());
  std::vector<float> unrolled;
  if (form.volume()) unrolled = conv_input(form, given);
  const std::vector<float>& input = form.volume() ? unrolled : given;
  at.layers.add(node, computed ? "by_activation" : "", form.kind, form.shape, filters, {input, call[0].grid})
      .relu = at.relu;
  return {{.shape = form.output, .elements = conv_output(form, convolve(form.shape, filters, input))}};
}

}  // namespace

ConvForm conv_form(const Node& node, const Filters& filters, const Axes& input) {
  Axes kernel{filters.T, filters.R, filters.S};
  kernel.erase(kernel.begin(), kernel.end() - static_cast<std::ptrdiff_t>(filters.axes));
  if (const auto given = node.integers("kernel_shape"); given && *given != kernel)
    throw Error(node.where() + ": kernel_shape", shape_text(*given), shape_text(kernel) + " as the weights");
  std::vector<SlidingAxis> axes = sliding_axes(node, input, kernel);
  ConvForm form;
  LayerShape& s = form.shape;
  form.images = bounded(input[0], 1, node.where() + ": batch");
  const std::int64_t channels = bounded(input[1], 1, node.where() + ": channels");
  s.K = bounded(filters.K, 1, node.where() + ": filters");
  s.groups = bounded(node.integer("group", 1), 1, node.where() + ": group");
  form.output = {form.images, s.K};
  for (const SlidingAxis& axis : axes) form.output.push_back(axis.outputs());
  if (axes.size() == 3) {
    form.planes = axes[0];
    axes.erase(axes.begin());
    if (form.planes.outputs() < 1)
      throw Error(node.where(), "filters of more planes than the input", "planes for one output at least");
  }
  s.N = bounded(form.images * form.planes.outputs(), 1, node.where() + ": batch");
  s.C = bounded(channels * filters.T, 1, node.where() + ": channels");
  set_axes(std::move(axes), node.where(), s);
  check_groups(node, s, filters);
  if (s.groups > 1 && s.groups == s.C) form.kind = &depthwise_kind;
  return form;
}

std::vector<float> conv_input(const ConvForm& form, const std::vector<float>& input) {
  const SlidingAxis& depth = form.planes;
  const LayerShape& s = form.shape;
  const std::int64_t plane = std::int64_t{s.H} * s.W, channels = s.C / depth.taps;
  std::vector<float> out(
      static_cast<std::size_t>(elements_of({s.N, s.C, s.H, s.W}, "the planes of a volume")));
  auto to = out.begin();
  for (std::int64_t image = 0; image < form.images; ++image) {
    for (std::int64_t d = 0; d < depth.outputs(); ++d) {
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t tap = 0; tap < depth.taps; ++tap, to += plane) {
          const std::int64_t from = d * depth.stride - depth.before + tap * depth.dilation;
          if (from < 0 || from >= depth.size) continue;
          std::copy_n(input.begin() + ((image * channels + c) * depth.size + from) * plane, plane, to);
        }
      }
    }
  }
  return out;
}

const LayerOperators& conv_operators() {
  static const LayerOperators table{{"Conv", conv}};
  return table;
}

}  // namespace basil::onnx_import
