#include "traces/compress/comparator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/testing/property_check.h"
#include "traces/compress/quantise.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/sample_networks.h"

namespace basil {
namespace {

DenseLayer draw_conv() {
  LayerShape s{.N = *anywhere_in(1, 3), .C = *anywhere_in(1, 8), .K = *anywhere_in(1, 8)};
  s.R = *anywhere_in(1, 4);
  s.S = *anywhere_in(2, 4);
  s.H = s.R + *anywhere_in(0, 6);
  s.W = s.S + *anywhere_in(0, 6);
  s.stride_x = *anywhere_in(1, 3);
  s.pad_top = *anywhere_in(0, 2);
  DenseLayer layer =
      testing::sample_layer("drawn", Kind::conv, s, *rc::gen::element(Dtype::int8, Dtype::uint8));
  layer.weights = testing::draw_reals(s.K * s.reduction(), *rc::gen::element(0, 50, 100));
  layer.ifmap = testing::draw_values(layer.activation_dtype, static_cast<std::int64_t>(layer.ifmap.size()),
                                     *rc::gen::element(0, 50, 100));
  return layer;
}

// Squared distance of a filter's sums, in real units, from the original's; and of the original's from their
// mean.
struct Distances {
  double fitted = 0, from_mean = 0, rounding = 0;
};

Distances distances(const DenseLayer& original, const Layer& fitted, std::size_t k) {
  const std::vector<double> exact = run_golden(real_layer(original)).reals;
  const std::vector<std::int64_t> sums = run_golden(fitted).sums;
  const auto filters = static_cast<std::size_t>(original.shape.K);
  Distances found;
  const double unit = double{fitted.ifmap.scale(0)} * double{fitted.weights.scale(static_cast<int>(k))};
  const double pixels = static_cast<double>(exact.size() / filters);
  double mean = 0;
  for (std::size_t i = k; i < exact.size(); i += filters) mean += exact[i] / pixels;
  for (std::size_t i = k; i < exact.size(); i += filters) {
    found.fitted += std::pow(static_cast<double>(sums[i]) * unit - exact[i], 2);
    found.from_mean += std::pow(mean - exact[i], 2);
  }
  found.rounding = std::sqrt(pixels) * (unit + 1e-6 * std::abs(mean));
  return found;
}

TEST(FitComparator, IsNeverWorseThanTheMean) {
  check_property(1000, [] {
    const DenseLayer original = draw_conv();
    const Layer fitted = fit_comparator(original, {});
    check(fitted);
    RC_ASSERT(decode(fitted.ifmap) == original.ifmap);
    for (int k = 0; k < original.shape.K; ++k) {
      const Distances found = distances(original, fitted, static_cast<std::size_t>(k));
      RC_ASSERT(std::sqrt(found.fitted) <= std::sqrt(found.from_mean) * (1 + 1e-5) + found.rounding);
    }
  });
}

TEST(FitComparator, ComparesTheMiddleWithOtherPlaces) {
  const DenseLayer layer =
      testing::sample_layer("conv", Kind::conv, {.C = 40, .H = 5, .W = 5, .K = 2, .R = 3, .S = 3});
  const Operand weights = fit_comparator(layer, {}).weights;
  ASSERT_EQ(weights.parts<Comparator>().taps, 4);
  std::set<std::set<int>> choices;
  for (std::size_t c = 0; c < 40; ++c) {
    EXPECT_EQ(weights.parts<Comparator>().offsets[c * 5], 4);
    const std::set<int> taps(
        weights.parts<Comparator>().offsets.begin() + static_cast<std::ptrdiff_t>(c * 5 + 1),
        weights.parts<Comparator>().offsets.begin() + static_cast<std::ptrdiff_t>(c * 5 + 5));
    EXPECT_EQ(taps.size(), 4U);
    EXPECT_FALSE(taps.contains(4));
    choices.insert(taps);
  }
  EXPECT_GT(choices.size(), 10U);  // channels differ
  EXPECT_EQ(fit_comparator(layer, {}).weights.parts<Comparator>().offsets,
            weights.parts<Comparator>().offsets);
  EXPECT_NE(fit_comparator(layer, {.seed = 2}).weights.parts<Comparator>().offsets,
            weights.parts<Comparator>().offsets);
  EXPECT_EQ(fit_comparator(layer, {.taps = 7}).weights.parts<Comparator>().taps, 7);
}

TEST(FitComparator, TakesAsManyTapsAsTheWindowHas) {
  const DenseLayer layer =
      testing::sample_layer("conv", Kind::conv, {.C = 2, .H = 5, .W = 5, .K = 2, .R = 1, .S = 3});
  EXPECT_EQ(fit_comparator(layer, {}).weights.parts<Comparator>().taps, 2);
}

}  // namespace
}  // namespace basil
