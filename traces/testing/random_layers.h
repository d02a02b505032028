// Random layers for property tests, drawn by RapidCheck.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "traces/encodings/encode.h"
#include "traces/trace.h"

namespace basil::testing {

// A tensor of small integers or of the extremes of the dtype, with `zeros` percent of zeros.
inline std::vector<std::int16_t> draw_values(Dtype dtype, std::int64_t count, int zeros) {
  const bool extreme = *rc::gen::element(false, false, false, true);
  std::vector<std::int16_t> values(static_cast<std::size_t>(count));
  std::uint64_t state = *rc::gen::arbitrary<std::uint64_t>() | 1;
  const auto next = [&state](std::int64_t below) {  // Knuth's MMIX generator
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(below));
  };
  for (std::int16_t& value : values) {
    if (next(100) < zeros) continue;
    const std::int64_t range = std::int64_t{highest(dtype)} - lowest(dtype) + 1;
    const std::int64_t drawn =
        extreme ? (next(2) == 0 ? lowest(dtype) : highest(dtype)) : lowest(dtype) + next(range);
    value = static_cast<std::int16_t>(drawn);
  }
  return values;
}

inline LayerShape draw_shape(Kind kind) {
  const auto in = [](int low, int high) { return *rc::gen::resize(100, rc::gen::inRange(low, high + 1)); };
  LayerShape s;
  s.N = in(1, 3);
  s.C = in(1, 20);
  s.K = in(1, 20);
  if (kind->flat()) return s;
  s.R = in(1, 4);
  s.S = in(1, 4);
  s.stride_y = in(1, 3);
  s.stride_x = in(1, 3);
  s.dilation_y = in(1, 2);
  s.dilation_x = in(1, 2);
  s.pad_top = in(0, 3);
  s.pad_bottom = in(0, 3);
  s.pad_left = in(0, 3);
  s.pad_right = in(0, 3);
  if (in(0, 4) == 0) s.R = s.stride_y = s.dilation_y = 1, s.pad_top = s.pad_bottom = 0;  // 1-D
  s = kind->settled(s);
  s.H = std::max(1, (s.R - 1) * s.dilation_y + 1 - s.pad_top - s.pad_bottom) + (s.R == 1 ? 0 : in(0, 7));
  s.W = std::max(1, (s.S - 1) * s.dilation_x + 1 - s.pad_left - s.pad_right) + in(0, 7);
  const int per_group_channels = in(1, 3);
  const int per_group_filters = in(1, 3);
  if (kind->channelwise()) {
    s.groups = s.C;
    s.K = s.C * per_group_filters;
  } else if (in(0, 1) == 1) {
    s.groups = in(2, 4);
    s.C = s.groups * per_group_channels;
    s.K = s.groups * per_group_filters;
  }
  return s;
}

inline Encoding draw_encoding() { return *rc::gen::elementOf(plain_encodings()); }

// Parts that hold the encoding's fields, 8 at most.
inline OwnParts draw_settings(Encoding encoding) {
  Operand drawn;
  for (const EncodingField& field : encoding->fields)
    field.set(drawn, *rc::gen::resize(100, rc::gen::inRange(field.min, std::min(field.max, 8) + 1)));
  return drawn.own;
}

// fp32 operands of either sign, a few binades wide.
inline std::vector<float> draw_reals(std::int64_t count, int zeros) {
  std::vector<float> reals;
  for (const std::int16_t value : draw_values(Dtype::int16, count, zeros))
    reals.push_back(static_cast<float>(value) / 771.0F);
  return reals;
}

inline Operand draw_operand(Dtype dtype, const Extent& extent, bool scale_per_outer) {
  const int zeros = *rc::gen::element(0, 30, 80, 100);
  const Encoding encoding = draw_encoding();
  const OwnParts settings = draw_settings(encoding);
  if (dtype == Dtype::fp32)
    return encode_real(encoding, extent, draw_reals(extent.positions(), zeros), settings);
  std::vector<float> scales{0.25F};
  if (scale_per_outer) {
    scales.clear();
    for (int i = 0; i < extent.outer; ++i) scales.push_back(0.01F * static_cast<float>(i + 1));
  }
  return encode(encoding, dtype, extent, draw_values(dtype, extent.positions(), zeros), scales, settings);
}

// Any legal layer that is simulated().
inline Layer draw_layer(bool real) {
  const auto integer = [] { return *rc::gen::element(Dtype::int4, Dtype::int8, Dtype::uint8, Dtype::int16); };
  Layer layer;
  layer.name = "drawn";
  std::vector<Kind> kinds = weighted_kinds();
  kinds.insert(kinds.begin(), &conv_kind);  // twice as often as the others
  layer.kind = *rc::gen::elementOf(kinds);
  layer.shape = draw_shape(layer.kind);
  const LayerShape& s = layer.shape;
  layer.weights = draw_operand(real ? Dtype::fp32 : integer(), {s.K, s.R, s.S, s.channels_per_group()},
                               *rc::gen::arbitrary<bool>());
  layer.ifmap = draw_operand(real ? Dtype::fp32 : integer(), {s.N, s.H, s.W, s.C}, false);
  if (*rc::gen::arbitrary<bool>()) {
    if (real)
      layer.bias_real = draw_reals(s.K, 0);
    else
      for (const std::int16_t b : draw_values(Dtype::int16, s.K, 0))
        layer.bias.push_back(std::int64_t{b} * 65537);
  }
  layer.output = {real ? Dtype::fp32 : integer(), 0.5F, *rc::gen::arbitrary<bool>()};
  return layer;
}

inline std::vector<Encoding> all_encodings() {
  const std::span<const Encoding> types = encoding_types();
  return {types.begin(), types.end()};
}

inline Encoding draw_any_encoding() { return *rc::gen::elementOf(all_encodings()); }

// Weights in an encoding, any that their extent allows (a comparator needs a window of two places or more);
// int8 where the encoding leaves a choice. One scale for all, or one a filter.
inline Operand draw_weights(Encoding encoding, const Extent& extent) {
  const int zeros = *rc::gen::element(0, 30, 80, 100);
  const OwnParts settings = draw_settings(encoding);
  Operand weights;
  if (encoding->draw != nullptr) {
    weights.encoding = encoding;
    weights.extent = extent;
    weights.own = settings;
    RandomStream random(*rc::gen::arbitrary<std::uint64_t>(), "weights");
    encoding->draw(weights, random, zeros);
  } else {
    weights = encode(encoding, Dtype::int8, extent, draw_values(Dtype::int8, extent.positions(), zeros),
                     {0.25F}, settings);
  }
  if (*rc::gen::arbitrary<bool>()) {
    weights.scales.clear();
    for (int k = 0; k < extent.outer; ++k) weights.scales.push_back(0.01F * static_cast<float>(k + 1));
  }
  return weights;
}

// Any legal integer layer with weights in that encoding.
inline Layer draw_layer_in(Encoding encoding) {
  Layer layer = draw_layer(false);
  LayerShape& s = layer.shape;
  const bool windows = encoding->min_window > 1;
  if (!encoding->convolves()) {
    s.groups = 1;
    if (layer.kind != &fc_kind || windows) layer.kind = &conv_kind;
  }
  if (windows && s.R * s.S < encoding->min_window) {
    s.W += (encoding->min_window - s.S) * s.dilation_x;
    s.S = encoding->min_window;
    layer.ifmap = draw_operand(layer.ifmap.dtype, {s.N, s.H, s.W, s.C}, false);
  }
  layer.weights = draw_weights(encoding, {s.K, s.R, s.S, s.channels_per_group()});
  return layer;
}

}  // namespace basil::testing
