#include "traces/onnx/layers.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "traces/onnx/convolve.h"

namespace basil::onnx_import {
namespace {

constexpr std::size_t longest_name = 200;

// Images of (channels, positions) to images of (positions, channels).
template <class To, class From, class Convert>
std::vector<To> channels_last(const std::vector<From>& in, std::int64_t images, std::int64_t channels,
                              std::int64_t positions, Convert convert) {
  std::vector<To> out;
  out.reserve(in.size());
  for (std::int64_t i = 0; i < images; ++i) {
    for (std::int64_t p = 0; p < positions; ++p) {
      for (std::int64_t c = 0; c < channels; ++c)
        out.push_back(convert(in[static_cast<std::size_t>((i * channels + c) * positions + p)]));
    }
  }
  return out;
}

float scale_of(const std::vector<float>& input, const std::string& where) {
  float most = 0;
  for (const float value : input) {
    if (!std::isfinite(value)) throw Error(where, "a value that is not finite", "finite numbers");
    most = std::max(most, std::abs(value));
  }
  const float scale = most / 127;
  return std::isnormal(scale) ? scale : 1.0F;
}

// The type that holds the integers of an input less their zero point; none where there are no integers, or
// none of one scale, or they are too wide.
std::optional<Dtype> integers_kept(const LayerInput& input) {
  if (!input.grid || input.grid->scale.size() != 1 || !std::isnormal(input.grid->scale[0])) return {};
  float least = 0, most = 0;
  for (const float value : input.values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const float scale = input.grid->scale[0];
  const float low = std::nearbyint(least / scale), high = std::nearbyint(most / scale);
  if (low >= -128 && high <= 127) return Dtype::int8;
  if (low >= 0 && high <= 255) return Dtype::uint8;
  return {};
}

}  // namespace

std::string LayerNames::unique(const Node& node, const std::string& part) {
  std::string name = node.name.substr(0, longest_name);
  name.erase(0, name.find_first_not_of('/'));
  std::replace(name.begin(), name.end(), '/', '.');
  std::replace(name.begin(), name.end(), '\\', '.');
  if (name.empty()) name = node.op;
  if (!part.empty()) name += "." + part;
  int& times = times_[name];
  for (;;) {
    std::string tried = ++times == 1 ? name : name + "." + std::to_string(times);
    if (taken_.insert(tried).second) return tried;
  }
}

DenseLayer make_layer(std::string name, Kind kind, const LayerShape& shape) {
  Layer layer;
  layer.name = name;
  layer.kind = kind;
  layer.shape = shape;
  check_shape(layer);
  DenseLayer dense;
  dense.name = std::move(name);
  dense.kind = kind;
  dense.shape = shape;
  return dense;
}

void set_operands(DenseLayer& layer, const Filters& filters, const LayerInput& input) {
  const LayerShape& s = layer.shape;
  layer.weights = channels_last<float>(filters.weights, s.K, s.channels_per_group(), std::int64_t{s.R} * s.S,
                                       [](float weight) { return weight; });
  layer.bias = filters.bias;
  float scale = scale_of(input.values, "layer " + layer.name + ": input");
  std::int64_t most = 127;
  if (const auto dtype = integers_kept(input)) {
    layer.activation_dtype = *dtype;
    scale = input.grid->scale[0];
    most = 255;  // saturates nothing
  }
  layer.activation_scale = scale;
  const auto limit = static_cast<float>(most);
  layer.ifmap =
      channels_last<std::int16_t>(input.values, s.N, s.C, std::int64_t{s.H} * s.W, [=](float value) {
        return static_cast<std::int16_t>(std::clamp(std::nearbyint(value / scale), -limit, limit));
      });
}

DenseLayer& Layers::list(const Node& node, Kind kind, const LayerShape& shape, const std::string& part) {
  layers_.push_back(make_layer(names_.unique(node, part), kind, shape));
  return layers_.back();
}

DenseLayer& Layers::add(const Node& node, const std::string& part, Kind kind, const LayerShape& shape,
                        const Filters& filters, const LayerInput& input) {
  check_finite(filters, node);
  DenseLayer& layer = list(node, kind, shape, part);
  check_reduction(shape, node.where());
  work_.take(shape.macs(), node.where());
  inputs_.take(static_cast<std::int64_t>(input.values.size()), node.where());
  set_operands(layer, filters, input);
  return layer;
}

}  // namespace basil::onnx_import
