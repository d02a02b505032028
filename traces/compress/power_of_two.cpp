#include "traces/compress/power_of_two.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"
#include "traces/compress/quantise.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

// The magnitudes that a number of terms can state, found by rounding down to halves: every border between
// two of them is a multiple of one half.
class Grid {
 public:
  explicit Grid(int terms) {
    std::map<int, std::array<std::int16_t, 2>> codes_of{{0, {0, 0}}};
    const auto offer = [&](int a, int b) {
      const int value = power_of_two::value_of(a) + power_of_two::value_of(b);
      if (value > 0 && value <= greatest_magnitude)
        codes_of.insert({value, {static_cast<std::int16_t>(a), static_cast<std::int16_t>(b)}});
    };
    for (int a = 1; a <= power_of_two::max_code; ++a) offer(a, 0);
    for (int a = 1; a <= power_of_two::max_code && terms == 2; ++a) {
      for (int b = -a; b <= a; ++b) offer(a, b);
    }
    for (int half = 0; half <= 2 * codes_of.rbegin()->first; ++half) {
      const double within = 0.5 * half + 0.25;
      const auto above = codes_of.lower_bound(static_cast<int>(std::ceil(within)));
      const auto below = above == codes_of.begin() ? above : std::prev(above);
      const bool up = above != codes_of.end() && above->first - within < within - below->first;
      const auto& [value, codes] = up ? *above : *below;
      values_.push_back(static_cast<float>(value));
      codes_.push_back(codes);
    }
  }

  // The nearest to `magnitude`, in units of the scale; its codes, the greater first.
  [[nodiscard]] float nearest(float magnitude) const { return values_[place(magnitude)]; }
  [[nodiscard]] const std::array<std::int16_t, 2>& codes(float magnitude) const {
    return codes_[place(magnitude)];
  }

 private:
  static constexpr int greatest_magnitude = 127;  // so that a decoded weight takes 8 bits

  [[nodiscard]] std::size_t place(float magnitude) const {
    return static_cast<std::size_t>(std::min(2 * magnitude, static_cast<float>(values_.size() - 1)));
  }

  std::vector<float> values_;
  std::vector<std::array<std::int16_t, 2>> codes_;
};

const Grid& grid(int terms) {
  static const Grid grids[] = {Grid(1), Grid(2)};
  return grids[terms - 1];
}

// Weights of one filter and how many terms they may take (0: they are zeros).
struct Filter {
  std::span<const float> weights;
  int terms = 0;
};

// Of weights w and what they are rounded to, q, in units of the scale.
struct Moments {
  double wq = 0, qq = 0, ww = 0;

  Moments& operator+=(const Moments& other) {
    wq += other.wq, qq += other.qq, ww += other.ww;
    return *this;
  }
  // The scale of least squares, and how much it takes off ||w||^2.
  [[nodiscard]] double scale() const { return qq > 0 ? wq / qq : 0; }
  [[nodiscard]] double gain() const { return qq > 0 ? wq * wq / qq : 0; }
  [[nodiscard]] double squared_error(double at) const { return ww - 2 * at * wq + at * at * qq; }
};

Moments moments(const Filter& filter, double scale) {
  Moments sum;
  const auto inverse = static_cast<float>(1 / scale);
  for (const float weight : filter.weights) {
    const float w = std::abs(weight);
    const float q = filter.terms == 0 ? 0.0F : grid(filter.terms).nearest(w * inverse);
    sum.wq += static_cast<double>(w) * static_cast<double>(q);
    sum.qq += static_cast<double>(q) * static_cast<double>(q);
    sum.ww += static_cast<double>(w) * static_cast<double>(w);
  }
  return sum;
}

Moments moments(std::span<const Filter> filters, double scale) {
  Moments sum;
  for (const Filter& filter : filters) sum += moments(filter, scale);
  return sum;
}

// The scale at which these filters together come nearest; 0 where all are zero.
double best_scale(std::span<const Filter> filters) {
  constexpr int refinements = 3;
  // Few weights leave a ragged error, so they are tried at more scales; of many the error is smooth.
  std::size_t weights = 1;
  for (const Filter& filter : filters) weights += filter.weights.size();
  const int steps_an_octave = std::clamp(static_cast<int>(8192 / weights), 8, 100);
  float largest = 0;
  for (const Filter& filter : filters) {
    for (const float weight : filter.weights) largest = std::max(largest, std::abs(weight));
  }
  const double start = static_cast<double>(largest) / power_of_two::value_of(power_of_two::max_code);
  if (!std::isnormal(static_cast<float>(start))) return 0;
  Moments best = moments(filters, start);  // ties keep the greatest weight at the greatest power
  for (int step = -steps_an_octave; step <= steps_an_octave; ++step) {
    const Moments found = moments(filters, start * std::exp2(static_cast<double>(step) / steps_an_octave));
    if (found.gain() > best.gain()) best = found;
  }
  for (int i = 0; i < refinements && best.qq > 0; ++i) {
    const Moments found = moments(filters, best.scale());
    if (found.gain() > best.gain()) best = found;
  }
  return best.scale();
}

std::vector<Filter> filters_of(const DenseLayer& dense, int terms) {
  const auto size = static_cast<std::size_t>(dense.shape.reduction());
  std::vector<Filter> filters;
  for (std::size_t k = 0; k < static_cast<std::size_t>(dense.shape.K); ++k) {
    const std::span<const float> weights = std::span(dense.weights).subspan(k * size, size);
    const bool zero = std::ranges::all_of(weights, [](float weight) { return weight == 0; });
    filters.push_back({weights, zero ? 0 : terms});
  }
  return filters;
}

// A scale for each filter, or one for all; no smaller than the biases allow.
std::vector<float> scales_of(const std::vector<Filter>& filters, const DenseLayer& dense, bool per_channel) {
  if (!per_channel) return {usable_scale(best_scale(filters), dense, -1)};
  std::vector<float> scales;
  for (int k = 0; k < dense.shape.K; ++k) {
    const Filter& filter = filters[static_cast<std::size_t>(k)];
    scales.push_back(usable_scale(best_scale({&filter, 1}), dense, k));
  }
  return scales;
}

// Of each filter, with so many terms for all of them.
std::vector<double> squared_errors(const DenseLayer& dense, int terms, bool per_channel) {
  const std::vector<Filter> filters = filters_of(dense, terms);
  const std::vector<float> scales = scales_of(filters, dense, per_channel);
  std::vector<double> errors;
  for (std::size_t k = 0; k < filters.size(); ++k) {
    const auto scale = static_cast<double>(scales[scales.size() == 1 ? 0 : k]);
    errors.push_back(moments(filters[k], scale).squared_error(scale));
  }
  return errors;
}

// Gives a second term to the filters whose relative error with one is above the threshold.
void choose_by_threshold(std::vector<Filter>& filters, const std::vector<double>& errors, double threshold) {
  for (std::size_t k = 0; k < filters.size(); ++k) {
    if (filters[k].terms == 0) continue;
    const double norm = moments(filters[k], 1.0).ww;
    if (errors[k] > threshold * threshold * norm) filters[k].terms = 2;
  }
}

// Gives a second term to those that gain most, until the mean over the filters that are not zero is reached.
void choose_by_mean(std::vector<Filter>& filters, const std::vector<double>& one,
                    const std::vector<double>& two, double mean) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < filters.size(); ++k) {
    if (filters[k].terms > 0) order.push_back(k);
  }
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return one[a] - two[a] > one[b] - two[b]; });
  order.resize(static_cast<std::size_t>(std::llround((mean - 1) * static_cast<double>(order.size()))));
  for (const std::size_t k : order) filters[k].terms = 2;
}

std::vector<Filter> choose_terms(const DenseLayer& dense, const FitPowerOfTwo& fit) {
  if (!fit.threshold && !fit.mean_terms) return filters_of(dense, fit.terms);
  std::vector<Filter> filters = filters_of(dense, 1);
  const std::vector<double> one = squared_errors(dense, 1, fit.per_channel);
  if (fit.threshold) {
    choose_by_threshold(filters, one, *fit.threshold);
  } else {
    choose_by_mean(filters, one, squared_errors(dense, 2, fit.per_channel), *fit.mean_terms);
  }
  return filters;
}

// Plane after plane of a filter's codes.
void append_codes(const Filter& filter, float scale, std::vector<std::int16_t>& codes) {
  for (std::size_t term = 0; term < static_cast<std::size_t>(filter.terms); ++term) {
    for (const float weight : filter.weights) {
      const std::int16_t code = grid(filter.terms).codes(std::abs(weight) * (1 / scale))[term];
      codes.push_back(static_cast<std::int16_t>(weight < 0 ? -code : code));
    }
  }
}

}  // namespace

Operand fit_power_of_two(const DenseLayer& dense, const FitPowerOfTwo& fit) {
  const std::vector<Filter> filters = choose_terms(dense, fit);
  Operand weights;
  weights.encoding = &power_of_two_encoding;
  weights.dtype = Dtype::int4;
  weights.extent = weights_extent(dense.shape);
  weights.scales = scales_of(filters, dense, fit.per_channel);
  for (std::size_t k = 0; k < filters.size(); ++k) {
    weights.parts<PowerOfTwo>().terms.push_back(static_cast<std::uint8_t>(filters[k].terms));
    append_codes(filters[k], weights.scale(static_cast<int>(k)), weights.values);
  }
  return weights;
}

OneTerm nearest_powers(std::span<const float> weights) {
  const Filter filter{weights, 1};
  OneTerm fitted{.codes = {}, .scale = best_scale({&filter, 1})};
  if (fitted.scale > 0) {
    append_codes(filter, static_cast<float>(fitted.scale), fitted.codes);
  } else {
    fitted.codes.resize(weights.size());
  }
  return fitted;
}

namespace {

void read(YamlReader& reader, RecipeStep& step) {
  FitPowerOfTwo fit;
  const bool terms = reader.has("terms"), threshold = reader.has("threshold"),
             mean = reader.has("mean_terms");
  if (int{terms} + int{threshold} + int{mean} > 1) {
    throw Error(reader.where(), "several ways to choose the terms", "one of terms, threshold, mean_terms");
  }
  (void)reader.word("bits", {"4"}, "4");  // a sign and a 3-bit exponent
  fit.terms = static_cast<int>(reader.integer("terms", 1, 2, 2));
  if (threshold) fit.threshold = reader.real("threshold", 0, 1);
  if (mean) fit.mean_terms = reader.real("mean_terms", 1, 2);
  fit.per_channel = reader.word("per", {"layer", "channel"}, "channel") == "channel";
  const std::string count = threshold ? fmt::format("1 term, or 2 above an error of {:g}", *fit.threshold)
                            : mean    ? fmt::format("{:g} terms on average", *fit.mean_terms)
                                      : fmt::format("{} term{}", fit.terms, fit.terms == 1 ? "" : "s");
  step.text = fmt::format("powers of two, {}, scale a {}", count, fit.per_channel ? "channel" : "layer");
  step.parameters = fit;
}

}  // namespace

extern const RecipeStepType power_of_two_step;
const RecipeStepType power_of_two_step{
    .name = "power_of_two",
    .summary = "each filter a sum of signed powers of two times a scale (LightNN, FLightNN)",
    .example = "{terms: 1}   # or 2, or threshold: 0.1, or mean_terms: 1.4",
    .read = read,
    .make =
        [](const RecipeStep& step, const DenseLayer& layer) {
          return integer_layer(layer, fit_power_of_two(layer, step.as<FitPowerOfTwo>()));
        },
    .makes = &power_of_two_encoding,
};

}  // namespace basil
