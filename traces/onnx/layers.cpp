#include "traces/onnx/layers.h"

#include <fmt/format.h>

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

// The dtype that a grid's integers are of; none where no file holds it.
std::optional<Dtype> dtype_of(const Grid& grid) {
  const bool is_signed = least_of(grid.type) < 0;
  if (grid.bits < (is_signed ? 2 : 1) || grid.bits > (is_signed ? 16 : 8)) return {};
  return parse_dtype(fmt::format("{}{}", is_signed ? "int" : "uint", grid.bits), "grid");
}

// The integers that reals on a grid are: `filter` of them to a scale. None where they are not whole, or
// outside the grid's type, as after arithmetic that the grid does not know of.
std::optional<std::vector<std::int16_t>> codes_of(const std::vector<float>& reals, const Grid& grid,
                                                  Dtype dtype, std::size_t filter) {
  std::vector<std::int16_t> codes;
  codes.reserve(reals.size());
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const std::size_t k = grid.scale.size() == 1 ? 0 : i / filter;
    const double steps = static_cast<double>(reals[i]) / static_cast<double>(grid.scale[k]);
    const double code = std::nearbyint(steps) + static_cast<double>(grid.zero[k]);
    if (!(std::abs(steps - std::nearbyint(steps)) < 1e-2) ||
        !(code >= lowest(dtype) && code <= highest(dtype)))
      return {};
    codes.push_back(static_cast<std::int16_t>(code));
  }
  return codes;
}

// Scales that a reader takes, zero points that the dtype holds.
bool is_plain(const Grid& grid, Dtype dtype) {
  const auto fits = [dtype](std::int64_t zero) { return zero >= lowest(dtype) && zero <= highest(dtype); };
  return std::all_of(grid.scale.begin(), grid.scale.end(),
                     [](float scale) { return std::isnormal(scale) && scale > 0; }) &&
         std::all_of(grid.zero.begin(), grid.zero.end(), fits);
}

// One value where all are the same: one scale for all.
template <class To, class From>
std::vector<To> merged(const std::vector<From>& values) {
  const bool same =
      std::all_of(values.begin(), values.end(), [&](const From& x) { return x == values.front(); });
  return {values.begin(), same ? values.begin() + 1 : values.end()};
}

bool set_weight_codes(DenseLayer& layer, const Filters& filters) {
  if (!filters.grid) return false;
  const Grid& grid = *filters.grid;
  const auto dtype = dtype_of(grid);
  const auto count = static_cast<std::size_t>(layer.shape.K);
  if (!dtype || !is_plain(grid, *dtype) || (grid.scale.size() != 1 && grid.scale.size() != count))
    return false;
  auto codes = codes_of(layer.weights, grid, *dtype, layer.weights.size() / count);
  if (!codes) return false;
  layer.codes = WeightCodes{.dtype = *dtype,
                            .scales = merged<float>(grid.scale),
                            .zero_points = merged<std::int32_t>(grid.zero),
                            .values = std::move(*codes)};
  layer.weights.clear();
  return true;
}

bool set_input_codes(DenseLayer& layer, const LayerInput& input, const std::vector<float>& values) {
  if (!input.grid || input.grid->scale.size() != 1) return false;
  const auto dtype = dtype_of(*input.grid);
  if (!dtype || !is_plain(*input.grid, *dtype)) return false;
  auto codes = codes_of(values, *input.grid, *dtype, 1);
  if (!codes) return false;
  layer.activation_dtype = *dtype;
  layer.activation_scale = input.grid->scale[0];
  layer.activation_zero_point = static_cast<std::int32_t>(input.grid->zero[0]);
  layer.ifmap = std::move(*codes);
  return true;
}

// A bias that was integers in units of a sum is that again, where the units are those of this layer.
void set_bias_sums(DenseLayer& layer, const std::vector<std::int64_t>& sums) {
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double unit =
        static_cast<double>(layer.activation_scale) * static_cast<double>(layer.codes->scale(k));
    const double bias = static_cast<double>(layer.bias[k]);
    if (!(std::abs(bias - static_cast<double>(sums[k]) * unit) <= 1e-5 * std::abs(bias))) return;
  }
  layer.bias_sums = sums;
  layer.bias.clear();
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
  const float scale = scale_of(input.values, "layer " + layer.name + ": input");
  const bool coded = set_weight_codes(layer, filters);
  bool exact = false;
  if (input.grid)
    exact = set_input_codes(layer, input,
                            channels_last<float>(input.values, s.N, s.C, std::int64_t{s.H} * s.W,
                                                 [](float value) { return value; }));
  if (coded && exact && !filters.bias_sums.empty()) set_bias_sums(layer, filters.bias_sums);
  if (exact) return;
  layer.activation_scale = scale;
  layer.ifmap =
      channels_last<std::int16_t>(input.values, s.N, s.C, std::int64_t{s.H} * s.W, [scale](float value) {
        return static_cast<std::int16_t>(std::clamp(std::nearbyint(value / scale), -127.0F, 127.0F));
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
