#include "traces/onnx/layers.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

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

}  // namespace

std::string LayerNames::unique(const Node& node) {
  std::string name = node.name.substr(0, longest_name);
  name.erase(0, name.find_first_not_of('/'));
  std::replace(name.begin(), name.end(), '/', '.');
  std::replace(name.begin(), name.end(), '\\', '.');
  if (name.empty()) name = node.op;
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

void set_operands(DenseLayer& layer, const Filters& filters, const std::vector<float>& input) {
  const LayerShape& s = layer.shape;
  layer.weights = channels_last<float>(filters.weights, s.K, s.channels_per_group(), std::int64_t{s.R} * s.S,
                                       [](float weight) { return weight; });
  layer.bias = filters.bias;
  const float scale = scale_of(input, "layer " + layer.name + ": input");
  layer.activation_scale = scale;
  layer.ifmap = channels_last<std::int16_t>(input, s.N, s.C, std::int64_t{s.H} * s.W, [scale](float value) {
    return static_cast<std::int16_t>(std::clamp(std::nearbyint(value / scale), -127.0F, 127.0F));
  });
}

}  // namespace basil::onnx_import
