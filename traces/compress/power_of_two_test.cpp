#include "traces/compress/power_of_two.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/sample_networks.h"

namespace basil {
namespace {

constexpr int works = 1000;

DenseLayer layer_of(int filters, std::vector<float> weights) {
  DenseLayer layer =
      testing::sample_layer("fc", Kind::fc, {.C = static_cast<int>(weights.size()) / filters, .K = filters});
  layer.weights = std::move(weights);
  layer.bias.clear();
  return layer;
}

DenseLayer draw_dense(int filters, int weights) {
  return layer_of(
      filters, testing::draw_reals(std::int64_t{filters} * weights, *rc::gen::element(0, 30, 80, 95, 100)));
}

// Magnitudes that one or two terms can state in 8 bits.
std::vector<double> magnitudes(int terms) {
  std::vector<double> all{0};
  for (int a = 0; a < 7; ++a) {
    all.push_back(1 << a);
    for (int b = 0; b <= a && terms == 2; ++b) {
      all.push_back((1 << a) - (1 << b));
      if ((1 << a) + (1 << b) < 128) all.push_back((1 << a) + (1 << b));
    }
  }
  return all;
}

double nearest(const std::vector<double>& all, double magnitude) {
  return *std::ranges::min_element(all, {}, [=](double m) { return std::abs(m - magnitude); });
}

double squared_error(const DenseLayer& layer, const Operand& weights, int k) {
  const std::vector<std::int16_t> decoded = decode(weights);
  const std::int64_t size = layer.shape.reduction();
  double error = 0;
  for (std::int64_t i = k * size; i < (k + 1) * size; ++i) {
    const auto at = static_cast<std::size_t>(i);
    error += std::pow(static_cast<double>(layer.weights[at]) - decoded[at] * double{weights.scale(k)}, 2);
  }
  return error;
}

double squared_norm(const DenseLayer& layer, int k) {
  const std::int64_t size = layer.shape.reduction();
  double norm = 0;
  for (std::int64_t i = k * size; i < (k + 1) * size; ++i)
    norm += std::pow(static_cast<double>(layer.weights[static_cast<std::size_t>(i)]), 2);
  return norm;
}

// In two terms 48 is 64 - 16 and 40 is 32 + 8: 3/4 and 5/8 of the greatest.
TEST(FitPowerOfTwo, StatesWhatItCanExactly) {
  const Operand one = fit_power_of_two(layer_of(1, {0.5F, -0.2F, 0, 32}), {.terms = 1});
  EXPECT_EQ(one.values, (std::vector<std::int16_t>{1, 0, 0, 7}));  // 0.2 is below half the least power
  const Operand near = fit_power_of_two(layer_of(1, {0.5F, -0.25F, 0, 2}), {.terms = 1});
  EXPECT_EQ(decode(near), (std::vector<std::int16_t>{16, -8, 0, 64}));
  EXPECT_EQ(near.scale(0), 0.03125F);
  const Operand two = fit_power_of_two(layer_of(1, {0.75F, -0.625F, 0, 1}), {.terms = 2});
  EXPECT_EQ(decode(two), (std::vector<std::int16_t>{48, -40, 0, 64}));
  EXPECT_EQ(two.scale(0), 0.015625F);
}

TEST(FitPowerOfTwo, RoundsEveryWeightToTheNearest) {
  check_property(works, [] {
    const int filters = *anywhere_in(1, 5), terms = *anywhere_in(1, 3);
    const DenseLayer layer = draw_dense(filters, *anywhere_in(1, 40));
    const FitPowerOfTwo fit{.terms = terms, .per_channel = *rc::gen::arbitrary<bool>()};
    const Operand weights = fit_power_of_two(layer, fit);
    check(weights, "fitted");
    RC_ASSERT(weights.scales.size() == (fit.per_channel ? static_cast<std::size_t>(filters) : 1U));
    const std::vector<std::int16_t> decoded = decode(weights);
    const std::vector<double> grid = magnitudes(terms);
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      const int k = static_cast<int>(i / static_cast<std::size_t>(layer.shape.reduction()));
      const double exact =
          std::abs(static_cast<double>(layer.weights[i])) / static_cast<double>(weights.scale(k));
      RC_ASSERT(std::abs(std::abs(decoded[i]) - exact) <=
                std::abs(nearest(grid, exact) - exact) + 1e-4 * exact);
      RC_ASSERT(layer.weights[i] * static_cast<float>(decoded[i]) >= 0);
      if (layer.weights[i] == 0) RC_ASSERT(decoded[i] == 0);
      RC_ASSERT(std::abs(decoded[i]) <= 127);
    }
  });
}

TEST(FitPowerOfTwo, FindsAScaleNearlyAsGoodAsAny) {
  check_property(works / 4, [] {
    const int terms = *anywhere_in(1, 3);
    const DenseLayer layer = draw_dense(1, *anywhere_in(8, 60));
    const Operand weights = fit_power_of_two(layer, {.terms = terms});
    const std::vector<double> grid = magnitudes(terms);
    const float largest =
        std::abs(*std::ranges::max_element(layer.weights, {}, [](float weight) { return std::abs(weight); }));
    double best = squared_norm(layer, 0);
    for (int step = -100; step <= 100; ++step) {  // a hundredth of an octave each
      const double scale = static_cast<double>(largest) / 64 * std::exp2(step / 100.0);
      double error = 0;
      for (const float weight : layer.weights) {
        const double exact = std::abs(static_cast<double>(weight));
        error += scale > 0 ? std::pow(exact - scale * nearest(grid, exact / scale), 2) : 0;
      }
      best = std::min(best, error);
    }
    RC_ASSERT(std::sqrt(squared_error(layer, weights, 0)) <=
              1.5 * std::sqrt(best) + 0.01 * std::sqrt(squared_norm(layer, 0)));
  });
}

TEST(FitPowerOfTwo, GivesFiltersOfZerosNoTerm) {
  const Operand weights = fit_power_of_two(layer_of(3, {0, 0, 1, 0, 0, 0}), {.terms = 2});
  EXPECT_EQ(weights.parts<PowerOfTwo>().terms, (std::vector<std::uint8_t>{0, 2, 0}));
  EXPECT_EQ(weights.scale(0), 1.0F);
}

// Filter 1 is all powers of two, filter 0 is 1 and 1.5, half way between two of them.
TEST(FitPowerOfTwo, GivesASecondTermAboveTheThreshold) {
  const DenseLayer layer = layer_of(3, {1, 1.5F, 1, 2, 0, 0});
  const auto terms = [&](double threshold) {
    return fit_power_of_two(layer, {.threshold = threshold}).parts<PowerOfTwo>().terms;
  };
  EXPECT_EQ(terms(0.05), (std::vector<std::uint8_t>{2, 1, 0}));
  EXPECT_EQ(terms(0.5), (std::vector<std::uint8_t>{1, 1, 0}));
}

TEST(FitPowerOfTwo, KeepsToTheThreshold) {
  check_property(works / 4, [] {
    const int filters = *anywhere_in(1, 8);
    const DenseLayer layer = draw_dense(filters, *anywhere_in(1, 30));
    const Operand one = fit_power_of_two(layer, {.terms = 1});
    const Operand chosen = fit_power_of_two(layer, {.threshold = 0.15});
    for (int k = 0; k < filters; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const double error = std::sqrt(squared_error(layer, one, k) / std::max(squared_norm(layer, k), 1e-30));
      if (std::abs(error - 0.15) < 1e-5) continue;
      RC_ASSERT(chosen.parts<PowerOfTwo>().terms[at] == (one.parts<PowerOfTwo>().terms[at] == 0 ? 0
                                                         : error > 0.15                         ? 2
                                                                                                : 1));
    }
  });
}

TEST(FitPowerOfTwo, KeepsToTheMean) {
  check_property(works / 4, [] {
    const int filters = *anywhere_in(1, 12), percent = *anywhere_in(100, 201);
    const DenseLayer layer = draw_dense(filters, *anywhere_in(1, 30));
    const Operand chosen = fit_power_of_two(layer, {.mean_terms = percent / 100.0});
    const auto count = [&](int terms) { return std::ranges::count(chosen.parts<PowerOfTwo>().terms, terms); };
    const auto held = count(1) + count(2);
    RC_ASSERT(std::abs(static_cast<double>(count(2)) - (percent / 100.0 - 1) * static_cast<double>(held)) <=
              0.5 + 1e-9);
    // No filter with one term would gain more than one with two.
    const Operand one = fit_power_of_two(layer, {.terms = 1}), two = fit_power_of_two(layer, {.terms = 2});
    double least = 1e300, most = -1e300, norm = 0;
    for (int k = 0; k < filters; ++k) {
      norm += squared_norm(layer, k);
      const double gain = squared_error(layer, one, k) - squared_error(layer, two, k);
      if (chosen.parts<PowerOfTwo>().terms[static_cast<std::size_t>(k)] == 2) least = std::min(least, gain);
      if (chosen.parts<PowerOfTwo>().terms[static_cast<std::size_t>(k)] == 1) most = std::max(most, gain);
    }
    RC_ASSERT(least >= most - 1e-6 * norm);
  });
}

// |bias| / (activation scale * 2^30) is far above what the weights need.
TEST(FitPowerOfTwo, LeavesRoomForTheBias) {
  DenseLayer layer = layer_of(1, {1e-6F, 2e-6F});
  layer.bias = {1e6F};
  const Operand weights = fit_power_of_two(layer, {.terms = 1});
  EXPECT_NEAR(weights.scale(0), 1e6 / (double{layer.activation_scale} * 0x1p30), 1e-6);
  EXPECT_EQ(decode(weights), (std::vector<std::int16_t>{0, 0}));
}

}  // namespace
}  // namespace basil
