#include "traces/compress/prune.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "traces/testing/random_layers.h"

namespace basil {
namespace {

std::int64_t zeros(const std::vector<float>& weights) {
  return std::count(weights.begin(), weights.end(), 0.0F);
}

DenseLayer layer_with(std::vector<float> weights, const LayerShape& shape) {
  DenseLayer layer;
  layer.kind = shape.R * shape.S == 1 ? &fc_kind : &conv_kind;
  layer.shape = shape;
  layer.weights = std::move(weights);
  return layer;
}

// A conv layer whose weights, none zero, are real numbers of either sign.
DenseLayer draw_pruned_layer() {
  const auto in = [](int low, int high) { return *rc::gen::resize(100, rc::gen::inRange(low, high + 1)); };
  const LayerShape shape{.C = in(1, 40), .K = in(1, 12), .R = in(1, 3), .S = in(1, 3)};
  std::vector<float> weights = testing::draw_reals(shape.K * shape.reduction(), 0);
  for (float& weight : weights) weight = weight == 0 ? 1.0F : weight;
  return layer_with(std::move(weights), shape);
}

double draw_ratio() { return *rc::gen::inRange(0, 101) / 100.0; }

TEST(PruneMagnitude, TakesTheSmallestAndOfEqualsTheFirst) {
  DenseLayer layer = layer_with({3, -1, 2, 1, -2, 1, 5, -4}, {.C = 4, .K = 2});
  prune(PruneMagnitude{.ratio = 0.5}, {&layer});
  EXPECT_EQ(layer.weights, (std::vector<float>{3, 0, 0, 0, -2, 0, 5, -4}));
}

TEST(PruneMagnitude, SpansTheLayersWhereGlobal) {
  DenseLayer small = layer_with({1, -2, 3, 4}, {.C = 4}), large = layer_with({10, 20, 30, -40}, {.C = 4});
  DenseLayer other_small = small, other_large = large;
  prune(PruneMagnitude{.ratio = 0.5, .global = true}, {&small, &large});
  EXPECT_EQ(zeros(small.weights), 4);
  EXPECT_EQ(zeros(large.weights), 0);
  prune(PruneMagnitude{.ratio = 0.5}, {&other_small, &other_large});
  EXPECT_EQ(other_small.weights, (std::vector<float>{0, 0, 3, 4}));
  EXPECT_EQ(other_large.weights, (std::vector<float>{0, 0, 30, -40}));
}

RC_GTEST_PROP(PruneMagnitude, LeavesExactlyTheRatio, ()) {
  DenseLayer layer = draw_pruned_layer();
  const std::vector<float> before = layer.weights;
  const double ratio = draw_ratio();
  prune(PruneMagnitude{.ratio = ratio}, {&layer});
  RC_ASSERT(zeros(layer.weights) == std::llround(ratio * static_cast<double>(before.size())));
  float greatest_gone = 0, least_left = INFINITY;
  for (std::size_t i = 0; i < before.size(); ++i) {
    RC_ASSERT(layer.weights[i] == 0 || layer.weights[i] == before[i]);
    float& bound = layer.weights[i] == 0 ? greatest_gone : least_left;
    bound =
        layer.weights[i] == 0 ? std::max(bound, std::abs(before[i])) : std::min(bound, std::abs(before[i]));
  }
  RC_ASSERT(greatest_gone <= least_left);
}

TEST(PruneNofM, KeepsTheGreatestOfEveryBlockAlongTheChannels) {
  DenseLayer layer = layer_with({1, -2, 3, 4, 9, 8, 7}, {.C = 7});
  prune(PruneNofM{.n = 2, .m = 4}, {&layer});
  EXPECT_EQ(layer.weights, (std::vector<float>{0, 0, 3, 4, 9, 8, 0}));
}

RC_GTEST_PROP(PruneNofM, LeavesAtMostNOfM, ()) {
  DenseLayer layer = draw_pruned_layer();
  const int m = *rc::gen::inRange(1, 9), n = *rc::gen::inRange(0, m + 1);
  prune(PruneNofM{.n = n, .m = m}, {&layer});
  const int depth = layer.shape.C;
  for (std::size_t row = 0; row < layer.weights.size(); row += static_cast<std::size_t>(depth)) {
    for (int c = 0; c < depth; c += m) {
      const int size = std::min(m, depth - c);
      const auto block = layer.weights.begin() + static_cast<std::ptrdiff_t>(row) + c;
      RC_ASSERT(size - std::count(block, block + size, 0.0F) == std::min(n, size));
    }
  }
}

TEST(PruneFilters, TakesThoseOfLeastL1Norm) {
  DenseLayer layer = layer_with({1, -9, 5, 4, -2, 2, 20, 0}, {.C = 2, .K = 4});
  prune(PruneFilters{.ratio = 0.5}, {&layer});
  EXPECT_EQ(layer.weights, (std::vector<float>{1, -9, 0, 0, 0, 0, 20, 0}));
}

RC_GTEST_PROP(PruneFilters, EmptiesWholeFiltersAndTouchesNoOther, ()) {
  DenseLayer layer = draw_pruned_layer();
  const std::vector<float> before = layer.weights;
  const double ratio = draw_ratio();
  prune(PruneFilters{.ratio = ratio}, {&layer});
  const std::int64_t size = layer.shape.reduction();
  std::int64_t empty = 0;
  for (std::int64_t k = 0; k < layer.shape.K; ++k) {
    const auto filter = layer.weights.begin() + k * size;
    const bool untouched = std::equal(filter, filter + size, before.begin() + k * size);
    if (!untouched) RC_ASSERT(std::count(filter, filter + size, 0.0F) == size);
    empty += untouched ? 0 : 1;
  }
  RC_ASSERT(empty == std::llround(ratio * layer.shape.K));
}

}  // namespace
}  // namespace basil
