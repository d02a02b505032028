#include "traces/compress/basis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/testing/property_check.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/sample_networks.h"

namespace basil {
namespace {

DenseLayer conv(int K, int C, int R, int S) {
  return testing::sample_layer("conv", Kind::conv, {.C = C, .H = 8, .W = 8, .K = K, .R = R, .S = S});
}

double relative_error(const DenseLayer& layer, const Operand& weights) {
  const std::vector<std::int16_t> decoded = decode(weights);
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const auto k = static_cast<int>(i / static_cast<std::size_t>(layer.shape.reduction()));
    const auto exact = static_cast<double>(layer.weights[i]);
    error += std::pow(exact - decoded[i] * static_cast<double>(weights.scale(k)), 2);
    norm += exact * exact;
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
}

double density(const Operand& weights) {
  return static_cast<double>(nonzeros(weights)) / static_cast<double>(weights_held(weights));
}

// Kernels +-B of one shape B, a size for each filter: one base states them but for the rounding of B to int8.
TEST(FitBasis, FindsTheOneKernelBehindALayer) {
  DenseLayer layer = conv(3, 4, 2, 2);
  const float kernel[] = {1, -0.5F, 0.25F, 2}, size[] = {1, 3, 0.5F};
  const int sign[] = {1, -1, 0, 1};
  for (std::size_t i = 0; i < layer.weights.size(); ++i)
    layer.weights[i] = size[i / 16] * kernel[i / 4 % 4] * static_cast<float>(sign[i % 4]);
  const Operand weights = fit_basis(layer, {.bases = 1});
  check(weights, "fitted");
  EXPECT_LT(relative_error(layer, weights), 0.005);
  EXPECT_EQ(nonzeros(weights), 3 * 3);
  EXPECT_NEAR(weights.scale(1) / weights.scale(2), 6, 1e-3);
}

// Two shapes that share no place: each filter and channel has either, both or none.
TEST(FitBasis, FindsTwoKernels) {
  DenseLayer layer = conv(4, 4, 1, 4);
  const float kernel[][4] = {{1, -0.5F, 0, 0}, {0, 0, 3, -4}};
  const int first[] = {1, -1, 0, 1, 0, 0, 1, -1}, second[] = {0, 1, 1, -1, 1, -1, 0};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t place = 0; place < 4; ++place)
      for (std::size_t c = 0; c < 4; ++c)
        layer.weights[(k * 4 + place) * 4 + c] =
            kernel[0][place] * static_cast<float>(first[(k * 3 + c) % 8]) +
            kernel[1][place] * static_cast<float>(second[(k + c * 2) % 7]);
  EXPECT_LT(relative_error(layer, fit_basis(layer, {.bases = 2})), 0.01);
}

TEST(FitBasis, LosesLessWithMoreBasesAndMoreCoefficients) {
  const DenseLayer layer = conv(16, 16, 3, 3);
  double last = 1;
  for (const int bases : {1, 3, 6, 9}) {
    const double error = relative_error(layer, fit_basis(layer, {.bases = bases}));
    EXPECT_LT(error, last) << bases;
    last = error;
  }
  last = 1;
  for (const double most : {0.05, 0.15, 0.3, 0.45}) {
    const Operand weights = fit_basis(layer, {.density = most});
    EXPECT_NEAR(density(weights), most, 0.02);
    EXPECT_LT(relative_error(layer, weights), last) << most;
    last = relative_error(layer, weights);
  }
}

TEST(FitBasis, IsSparserTheMoreACoefficientMustBring) {
  const DenseLayer layer = conv(16, 16, 3, 3);
  const double plenty = density(fit_basis(layer, {})), some = density(fit_basis(layer, {.sparsity = 0.3})),
               few = density(fit_basis(layer, {.sparsity = 2}));
  EXPECT_GT(plenty, some);
  EXPECT_GT(some, few);
  EXPECT_EQ(density(fit_basis(layer, {.sparsity = 100})), 0);
}

TEST(FitBasis, DoesNotDependOnTheSizeOfWeights) {
  const DenseLayer layer = conv(8, 8, 3, 3);
  const Operand weights = fit_basis(layer, {});
  for (const float size : {0x1p120F, 0x1p-90F}) {
    DenseLayer sized = layer;
    sized.bias.clear();
    for (float& weight : sized.weights) weight *= size;
    const Operand found = fit_basis(sized, {});
    EXPECT_EQ(found.values, weights.values);
    EXPECT_EQ(found.parts<Basis>().bitmap, weights.parts<Basis>().bitmap);
    EXPECT_FLOAT_EQ(found.scale(3), size * weights.scale(3));
  }
}

TEST(FitBasis, TakesSixKernelsOrAsManyAsAWindowHasPlaces) {
  EXPECT_EQ(fit_basis(conv(2, 2, 3, 3), {}).parts<Basis>().bases, 6);
  EXPECT_EQ(fit_basis(conv(2, 2, 2, 2), {}).parts<Basis>().bases, 4);
}

// Any layer: valid, no worse than nothing, zero where the layer is zero, and the same twice.
TEST(FitBasis, IsValidAndDeterministic) {
  check_property(300, [] {
    LayerShape s{.C = *anywhere_in(1, 12), .H = 8, .W = 8, .K = *anywhere_in(1, 12)};
    s.R = *anywhere_in(1, 5);
    s.S = *anywhere_in(2, 5);
    DenseLayer layer = testing::sample_layer("conv", Kind::conv, s);
    layer.weights = testing::draw_reals(s.K * s.reduction(), *rc::gen::element(0, 30, 80, 100));
    layer.bias.clear();
    FitBasis fit{.bases = *anywhere_in(1, s.R * s.S + 1), .iterations = *anywhere_in(1, 5)};
    if (*rc::gen::arbitrary<bool>()) fit.density = *anywhere_in(0, 101) / 100.0;
    const Operand weights = fit_basis(layer, fit);
    check(weights, "fitted");
    RC_ASSERT(relative_error(layer, weights) <= 1.0 + 1e-6);
    const Operand again = fit_basis(layer, fit);
    RC_ASSERT(again == weights);
  });
}

}  // namespace
}  // namespace basil
