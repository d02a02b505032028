#include "traces/pieces/layer_box.h"

#include <algorithm>

#include "core/units.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/pieces/filter_range.h"

namespace basil {

LayerBox box_of(const LayerShape& shape) {
  return {.images = {0, shape.N},
          .rows = {0, shape.P()},
          .columns = {0, shape.Q()},
          .filters = {0, shape.K},
          .channels = {0, shape.channels_per_group()}};
}

Range PlaneAxis::window(Range places) const {
  return {places.first * stride - pad, (places.end - 1) * stride - pad + (taps - 1) * dilation + 1};
}

Range PlaneAxis::behind(Range places) const {
  if (places == Range{0, out}) return {0, in};
  const Range all = window(places);
  const int first = std::clamp(all.first, 0, in);
  return {first, std::clamp(all.end, first, in)};
}

PlaneAxis down(const LayerShape& s) { return {s.H, s.P(), s.R, s.stride_y, s.dilation_y, s.pad_top}; }
PlaneAxis across(const LayerShape& s) { return {s.W, s.Q(), s.S, s.stride_x, s.dilation_x, s.pad_left}; }

LayerShape shape_of(const LayerShape& shape, const LayerBox& box) {
  LayerShape part = shape;
  part.N = box.images.size();
  part.groups = shape.groups > 1 ? box.filters.size() / shape.filters_per_group() : 1;
  part.K = box.filters.size();
  part.C = part.groups * box.channels.size();
  const auto plane = [](const PlaneAxis& axis, Range places, int& in, int& before, int& after) {
    if (places == Range{0, axis.out}) return;
    const Range window = axis.window(places), behind = axis.behind(places);
    in = behind.size();
    before = behind.first - window.first;
    after = window.end - behind.end;
  };
  plane(down(shape), box.rows, part.H, part.pad_top, part.pad_bottom);
  plane(across(shape), box.columns, part.W, part.pad_left, part.pad_right);
  return part;
}

template <class T>
std::vector<T> LayerCutter::words(const LayerBox& box) const {
  const LayerShape& shape = layer_.shape;
  const Range rows = down(shape).behind(box.rows), columns = across(shape).behind(box.columns);
  const int depth = shape.channels_per_group(), filters = shape.filters_per_group();
  const Range groups{box.filters.first / filters, static_cast<int>(ceil_div(box.filters.end, filters))};
  const std::int64_t row = std::int64_t{columns.size()} * shape.C;
  std::vector<T> stretch(static_cast<std::size_t>(row)), words;
  words.reserve(static_cast<std::size_t>(std::int64_t{box.images.size()} * rows.size() * columns.size() *
                                         groups.size() * box.channels.size()));
  for (int n = box.images.first; n < box.images.end; ++n) {
    for (int y = rows.first; y < rows.end; ++y) {
      ifmap_.read(layer_.ifmap.extent.at(n, y, columns.first, 0), row, stretch.data());
      for (auto pixel = stretch.begin(); pixel != stretch.end(); pixel += shape.C) {
        for (int group = groups.first; group < groups.end; ++group)
          words.insert(words.end(), pixel + group * depth + box.channels.first,
                       pixel + group * depth + box.channels.end);
      }
    }
  }
  return words;
}

Operand LayerCutter::ifmap(const LayerBox& box, const LayerShape& shape) const {
  const Operand& whole = layer_.ifmap;
  const Extent extent{shape.N, shape.H, shape.W, shape.C};
  if (whole.is_real()) return encode_real(whole.encoding, extent, words<float>(box), settings_of(whole));
  Operand part =
      encode(whole.encoding, whole.dtype, extent, words<std::int16_t>(box), whole.scales, settings_of(whole));
  part.codes = whole.codes;
  return part;
}

Layer LayerCutter::cut(const LayerBox& box) const {
  Layer part{.name = layer_.name,
             .kind = layer_.kind,
             .shape = {},
             .weights = {},
             .ifmap = {},
             .bias = {},
             .bias_real = {},
             .output = layer_.output.of_filters(box.filters.first, box.filters.end)};
  part.shape = shape_of(layer_.shape, box);
  part.weights = box.filters.size() == layer_.shape.K
                     ? layer_.weights
                     : filters_of(layer_.weights, box.filters.first, box.filters.end);
  if (box.channels.size() < layer_.weights.extent.depth)
    part.weights = take_channels(part.weights, box.channels);
  part.ifmap = ifmap(box, part.shape);
  const auto of_filters = [&](const auto& bias, auto& to) {
    if (box.channels.first == 0 && !bias.empty())
      to.assign(bias.begin() + box.filters.first, bias.begin() + box.filters.end);
  };
  of_filters(layer_.bias, part.bias);
  of_filters(layer_.bias_real, part.bias_real);
  return part;
}

}  // namespace basil
