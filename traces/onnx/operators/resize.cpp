// Resize and Upsample: one axis after the other, each output a weighted sum of inputs along it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

struct Manner {
  std::string mode, coordinates, nearest;
  float cubic = -0.75F, outside = 0;
  bool exclude_outside = false;
};

// One axis of a resize.
struct Stretch {
  std::int64_t from = 1, to = 1;
  double scale = 1, roi_start = 0, roi_end = 1;
};

// Inputs that make an output, with their weights; none outside a crop.
struct Taps {
  std::vector<std::int64_t> at;
  std::vector<double> weight;
};

// Where in the input an output lies.
double coordinate(const Manner& manner, const Stretch& s, double at) {
  const auto from = static_cast<double>(s.from);
  const double to = from * s.scale;  // with scales given, before it is cut to a whole number
  if (manner.coordinates == "asymmetric") return at / s.scale;
  if (manner.coordinates == "align_corners") return s.to == 1 ? 0 : at * (from - 1) / (to - 1);
  if (manner.coordinates == "pytorch_half_pixel" && s.to <= 1) return 0;
  if (manner.coordinates == "tf_half_pixel_for_nn") return (at + 0.5) / s.scale;
  if (manner.coordinates == "tf_crop_and_resize") {
    return s.to > 1 ? s.roi_start * (from - 1) + at * (s.roi_end - s.roi_start) * (from - 1) / (to - 1)
                    : 0.5 * (s.roi_start + s.roi_end) * (from - 1);
  }
  if (manner.coordinates == "half_pixel_symmetric") {
    const double adjusted = static_cast<double>(s.to) / to;  // how far the size was cut
    return from / 2 * (1 - adjusted) + (at + 0.5) / s.scale - 0.5;
  }
  return (at + 0.5) / s.scale - 0.5;
}

double nearest_to(const std::string& how, double at) {
  if (how == "floor") return std::floor(at);
  if (how == "ceil") return std::ceil(at);
  return how == "round_prefer_ceil" ? std::floor(at + 0.5) : std::ceil(at - 0.5);
}

// Keys' kernel around the place between the second and the third of four inputs.
std::vector<double> cubic_weights(double t, double a) {
  const auto near = [a](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [a](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

Taps taps_of(const Manner& manner, const Stretch& s, std::int64_t output) {
  const double at = coordinate(manner, s, static_cast<double>(output));
  const double last = static_cast<double>(s.from - 1);
  if (manner.coordinates == "tf_crop_and_resize" && !(at >= 0 && at <= last)) return {};
  Taps taps;
  const double base = manner.mode == "nearest" ? nearest_to(manner.nearest, at) : std::floor(at);
  std::int64_t first = saturated(ElementType::int32, base);
  if (manner.mode == "nearest") taps.weight = {1};
  if (manner.mode == "linear") taps.weight = {1 - (at - base), at - base};
  if (manner.mode == "cubic") {
    taps.weight = cubic_weights(at - base, static_cast<double>(manner.cubic));
    --first;
  }
  double sum = 0;
  for (std::size_t i = 0; i < taps.weight.size(); ++i) {
    const std::int64_t place = first + static_cast<std::int64_t>(i);
    if (manner.exclude_outside && (place < 0 || place >= s.from)) taps.weight[i] = 0;
    sum += taps.weight[i];
    taps.at.push_back(std::clamp<std::int64_t>(place, 0, s.from - 1));
  }
  if (manner.exclude_outside) {
    for (double& weight : taps.weight) weight /= sum;
  }
  return taps;
}

Tensor stretched(const Tensor& in, std::size_t axis, const Stretch& s, const Manner& manner,
                 const std::string& where) {
  Axes shape = in.shape;
  shape[axis] = s.to;
  Tensor out = make_reals(shape, where);
  auto& values = std::get<std::vector<float>>(out.elements);
  const std::vector<float>& from = in.reals(where);
  const std::int64_t rows = extent(shape, 0, axis), block = extent(shape, axis + 1, shape.size());
  for (std::int64_t output = 0; output < s.to; ++output) {
    const Taps taps = taps_of(manner, s, output);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < block; ++i) {
        double sum = taps.at.empty() ? static_cast<double>(manner.outside) : 0;
        for (std::size_t tap = 0; tap < taps.at.size(); ++tap) {
          const std::int64_t place = (row * s.from + taps.at[tap]) * block + i;
          sum += taps.weight[tap] * static_cast<double>(from[static_cast<std::size_t>(place)]);
        }
        values[static_cast<std::size_t>((row * s.to + output) * block + i)] = static_cast<float>(sum);
      }
    }
  }
  return out;
}

Tensor resized(const Call& call, const std::vector<Stretch>& stretches, const Manner& manner) {
  Tensor in = call[0];
  const ElementType type = in.type;
  if (!in.real()) {
    const auto& integers = in.integers(call.where());
    in.elements = std::vector<float>(integers.begin(), integers.end());
  }
  Axes shape;
  for (const Stretch& s : stretches) shape.push_back(s.to);
  (void)elements_of(shape, call.where());
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Stretch& s = stretches[i];
    const bool crops = manner.coordinates == "tf_crop_and_resize" && (s.roi_start != 0 || s.roi_end != 1);
    if (s.from == 0) throw Error(call.where(), "an axis without elements", "elements");
    if (s.from != s.to || s.scale != 1 || crops) in = stretched(in, i, s, manner, call.where());
  }
  in.type = type;
  if (!is_real(type)) {
    std::vector<std::int64_t> integers;
    for (const float value : in.reals(call.where()))
      integers.push_back(saturated(type, std::nearbyint(static_cast<double>(value))));
    in.elements = std::move(integers);
  }
  return in;
}

std::int64_t scaled(std::int64_t length, double scale, const std::string& where) {
  const double to = std::floor(static_cast<double>(length) * scale);
  if (!(scale > 0) || !(to <= static_cast<double>(greatest_tensor)))
    throw Error(where + ": scales", fmt::format("{}", scale), "a scale that a tensor can have");
  return static_cast<std::int64_t>(to);
}

// The axes that scales or sizes are given for: all, or since opset 18 those of the attribute.
Axes resized_axes(const Call& call, std::size_t given) {
  const std::size_t rank = call[0].shape.size();
  Axes axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (const auto some = call.node().integers("axes")) axes = *some;
  (void)axis_mask(axes, rank, call.where());
  if (axes.size() != given)
    throw Error(call.where(), fmt::format("{} scales or sizes", given), fmt::format("{}", axes.size()));
  return axes;
}

std::vector<Stretch> by_scales(const Call& call, const std::vector<float>& scales) {
  std::vector<Stretch> stretches;
  for (const std::int64_t axis : call[0].shape) stretches.push_back({.from = axis, .to = axis});
  const Axes axes = resized_axes(call, scales.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Stretch& s = stretches[axis_of(axes[i], stretches.size(), call.where())];
    s.scale = static_cast<double>(scales[i]);
    s.to = scaled(s.from, s.scale, call.where());
  }
  return stretches;
}

std::vector<Stretch> by_sizes(const Call& call, const std::vector<std::int64_t>& sizes) {
  if (call.node().text("keep_aspect_ratio_policy", "stretch") != "stretch")
    throw Error(call.where() + ": keep_aspect_ratio_policy", "another word", "stretch");
  std::vector<Stretch> stretches = by_scales(call, std::vector<float>(sizes.size(), 1));
  const Axes axes = resized_axes(call, sizes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Stretch& s = stretches[axis_of(axes[i], stretches.size(), call.where())];
    s.to = sizes[i];
    if (s.to < 1 || s.from < 1) throw Error(call.where() + ": sizes", std::to_string(s.to), "1 or more");
    s.scale = static_cast<double>(s.to) / static_cast<double>(s.from);
  }
  return stretches;
}

void take_roi(const Call& call, const Tensor* roi, std::vector<Stretch>& stretches) {
  if (roi == nullptr || roi->size() == 0) return;
  const Axes axes = resized_axes(call, roi->reals(call.where()).size() / 2);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Stretch& s = stretches[axis_of(axes[i], stretches.size(), call.where())];
    s.roi_start = static_cast<double>(roi->reals(call.where())[i]);
    s.roi_end = static_cast<double>(roi->reals(call.where())[axes.size() + i]);
  }
}

// Opset 10 knows scales alone, and the coordinates that Upsample has.
Manner manner_of(const Call& call) {
  const Node& node = call.node();
  const bool old = node.opset < 11;
  Manner manner{.mode = node.text("mode", "nearest"),
                .coordinates = old ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel"),
                .nearest = old ? "floor" : node.text("nearest_mode", "round_prefer_floor")};
  if (manner.mode == "bilinear" || manner.mode == "trilinear") manner.mode = "linear";
  manner.cubic = node.real("cubic_coeff_a", -0.75F);
  manner.outside = node.real("extrapolation_value", 0);
  manner.exclude_outside = node.integer("exclude_outside", 0) != 0 && manner.mode == "cubic";
  if (manner.mode != "nearest" && manner.mode != "linear" && manner.mode != "cubic")
    throw Error(node.where() + ": mode", "another word", "nearest, linear or cubic");
  for (const char* known : {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                            "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"}) {
    if (manner.coordinates == known) return manner;
  }
  throw Error(node.where() + ": coordinate_transformation_mode", "another word", "a mode of opset 11 to 21");
}

Tensor resize(const Call& call) {
  if (call.node().integer("antialias", 0) != 0) throw Error(call.where() + ": antialias", "1", "0");
  const Manner manner = manner_of(call);
  const bool old = call.node().opset < 11;
  const Tensor *scales = call.optional(old ? 1 : 2), *sizes = old ? nullptr : call.optional(3);
  std::vector<Stretch> stretches;
  if (sizes != nullptr && sizes->size() > 0) {
    stretches = by_sizes(call, sizes->integers(call.where() + ": sizes"));
  } else {
    if (scales == nullptr) throw Error(call.where(), "no scales and no sizes", "one of both");
    stretches = by_scales(call, scales->reals(call.where() + ": scales"));
  }
  if (!old) take_roi(call, call.optional(1), stretches);
  return resized(call, stretches, manner);
}

// Scales are an attribute at opset 7, an input at 9.
Tensor upsample(const Call& call) {
  const Tensor* scales = call.optional(1);
  const auto given = call.node().reals("scales");
  if (scales == nullptr && !given) throw Error(call.where(), "no scales", "scales");
  const Manner manner{
      .mode = call.node().text("mode", "nearest"), .coordinates = "asymmetric", .nearest = "floor"};
  if (manner.mode != "nearest" && manner.mode != "linear")
    throw Error(call.where() + ": mode", "another word", "nearest or linear");
  return resized(call, by_scales(call, scales != nullptr ? scales->reals(call.where()) : *given), manner);
}

}  // namespace

const Operators& resize_operators() {
  static const Operators table{{"Resize", resize}, {"Upsample", upsample}};
  return table;
}

}  // namespace basil::onnx_import
