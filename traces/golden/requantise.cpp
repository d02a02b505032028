#include "traces/golden/requantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace basil {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                                            std::numeric_limits<std::int32_t>::max()));
}

// Sums of one filter to codes.
class Coder {
 public:
  Coder(const Layer& layer, int k) : output_(layer.output), codes_(layer.output.codes()) {
    const float ifmap = layer.ifmap.scale(0), weights = layer.weights.scale(k), scale = layer.output.scale;
    const double unit = layer.weights.is_real() ? 1.0 : double{ifmap} * double{weights};
    real_factor_ = unit / double{scale};
    half_step_ = double{scale} / unit / 2;
    fp32_factor_ = ifmap * weights / scale;
    if (!output_.factors.empty())
      fixed_ = output_.factors[output_.factors.size() == 1 ? 0 : static_cast<std::size_t>(k)];
  }

  template <class Sum>
  [[nodiscard]] std::int32_t code(Sum sum) const {
    const double code = step(sum) + output_.zero_point;
    if (code > codes_.greatest) return codes_.greatest;
    return code >= codes_.least ? static_cast<std::int32_t>(code) : codes_.least;  // the least for no number
  }
  // Sums of this magnitude or less are half a step of the output, or less.
  [[nodiscard]] double half_step() const { return half_step_; }

 private:
  [[nodiscard]] double step(double sum) const { return std::nearbyint(sum * real_factor_); }
  [[nodiscard]] double step(std::int64_t sum) const {
    switch (output_.rule) {
      case RequantisationRule::real:
        break;
      case RequantisationRule::onnx:
        return double{std::nearbyintf(static_cast<float>(sum) * fp32_factor_)};
      case RequantisationRule::tflite:
        return static_cast<double>(bits_of(output_.dtype) > 8 ? tflite_wide_step(sum, fixed_)
                                                              : tflite_step(sum, fixed_));
    }
    return step(static_cast<double>(sum));
  }

  const Requantisation& output_;
  CodeRange codes_;
  double real_factor_, half_step_;
  float fp32_factor_;
  FixedPoint fixed_;
};

std::vector<Coder> coders(const Layer& layer) {
  std::vector<Coder> all;
  for (int k = 0; k < layer.shape.K; ++k) all.emplace_back(layer, k);
  return all;
}

template <class Sum>
std::vector<std::int16_t> codes_of(const std::vector<Sum>& sums, const std::vector<Coder>& coders) {
  std::vector<std::int16_t> codes(sums.size());
  for (std::size_t pixel = 0; pixel < sums.size(); pixel += coders.size()) {
    for (std::size_t k = 0; k < coders.size(); ++k)
      codes[pixel + k] = static_cast<std::int16_t>(coders[k].code(sums[pixel + k]));
  }
  return codes;
}

// The least sum whose code is `code` or more: codes never fall with the sum.
std::int64_t first_with(const Coder& coder, std::int32_t code) {
  std::int64_t below = -(std::int64_t{1} << 47), above = -below;
  while (above - below > 1) {
    const std::int64_t middle = below + (above - below) / 2;
    (coder.code(middle) >= code ? above : below) = middle;
  }
  return above;
}

ZeroSums zero_sums(const Coder& coder, const Requantisation& output) {
  const CodeRange codes = output.codes();
  const bool negatives_leave_as_zero =
      output.dtype != Dtype::fp32 ? codes.least == output.zero_point : output.relu;
  ZeroSums sums{-infinite, infinite};
  if (output.dtype == Dtype::fp32) {
    sums = {0, 0};
  } else if (output.rule == RequantisationRule::real && !output.clamp) {
    sums = {-coder.half_step(), coder.half_step()};
  } else {
    if (codes.greatest > output.zero_point)
      sums.greatest = static_cast<double>(first_with(coder, output.zero_point + 1)) - 1;
    sums.least = static_cast<double>(first_with(coder, output.zero_point));
  }
  if (negatives_leave_as_zero) sums.least = -infinite;
  return sums;
}

}  // namespace

std::int32_t tflite_step(std::int64_t sum, const FixedPoint& factor) {
  constexpr std::int64_t half = std::int64_t{1} << 30, whole = std::int64_t{1} << 31;
  const int left = std::max(factor.shift, 0), right = std::max(-factor.shift, 0);
  const std::int64_t product =
      std::int64_t{saturated(std::int64_t{saturated(sum)} << left)} * std::int64_t{factor.multiplier};
  const std::int64_t high = (product + (product >= 0 ? half : 1 - half)) / whole;
  const std::int64_t mask = (std::int64_t{1} << right) - 1;
  const std::int64_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
  return static_cast<std::int32_t>((high >> right) + ((high & mask) > threshold ? 1 : 0));
}

std::int64_t tflite_wide_step(std::int64_t sum, const FixedPoint& factor) {
  constexpr std::int32_t greatest = 0x7FFF0000;
  constexpr std::int64_t most = std::int64_t{1} << 47;
  const std::int64_t reduced = factor.multiplier < greatest ? (factor.multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int shift = 15 - factor.shift;
  const std::int64_t product = std::clamp(sum, -most, most) * reduced;
  if (shift <= 0) return std::clamp(product, -most, most) << -shift;
  return (product + (std::int64_t{1} << (shift - 1))) >> shift;
}

std::vector<std::int16_t> requantise(const Layer& layer, const Ofmap& ofmap) {
  if (layer.output.dtype == Dtype::fp32) {
    throw Error("layer " + layer.name + ": output.dtype", "fp32", "an integer dtype to requantise to");
  }
  return layer.weights.is_real() ? codes_of(ofmap.reals, coders(layer)) : codes_of(ofmap.sums, coders(layer));
}

std::vector<ZeroSums> sums_that_leave_as_zero(const Layer& layer) {
  std::vector<ZeroSums> all;
  for (const Coder& coder : coders(layer)) all.push_back(zero_sums(coder, layer.output));
  return all;
}

}  // namespace basil
