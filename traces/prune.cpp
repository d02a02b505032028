#include "traces/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace basil {
namespace {

// Zeroes the share `ratio` of `weights` that is smallest in magnitude; ties go by position.
void zero_smallest(std::vector<float*> weights, double ratio) {
  const auto count = static_cast<std::size_t>(std::llround(ratio * static_cast<double>(weights.size())));
  std::stable_sort(weights.begin(), weights.end(),
                   [](const float* a, const float* b) { return std::abs(*a) < std::abs(*b); });
  for (std::size_t i = 0; i < count; ++i) *weights[i] = 0;
}

void append(std::vector<float*>& all, DenseLayer& layer) {
  for (float& weight : layer.weights) all.push_back(&weight);
}

}  // namespace

void prune(const PruneMagnitude& step, const std::vector<DenseLayer*>& layers) {
  std::vector<float*> weights;
  for (DenseLayer* layer : layers) {
    append(weights, *layer);
    if (step.global) continue;
    zero_smallest(weights, step.ratio);
    weights.clear();
  }
  if (step.global) zero_smallest(weights, step.ratio);
}

void prune(const PruneNofM& step, const std::vector<DenseLayer*>& layers) {
  for (DenseLayer* layer : layers) {
    const auto depth = static_cast<std::size_t>(layer->shape.channels_per_group());
    const auto m = static_cast<std::size_t>(step.m);
    for (std::size_t row = 0; row < layer->weights.size(); row += depth) {
      for (std::size_t block = 0; block < depth; block += m) {
        std::vector<float*> weights;
        for (std::size_t i = block; i < std::min(depth, block + m); ++i)
          weights.push_back(&layer->weights[row + i]);
        const auto excess = static_cast<std::ptrdiff_t>(weights.size()) - step.n;
        if (excess <= 0) continue;
        std::stable_sort(weights.begin(), weights.end(),
                         [](const float* a, const float* b) { return std::abs(*a) < std::abs(*b); });
        for (std::ptrdiff_t i = 0; i < excess; ++i) *weights[static_cast<std::size_t>(i)] = 0;
      }
    }
  }
}

void prune(const PruneFilters& step, const std::vector<DenseLayer*>& layers) {
  for (DenseLayer* layer : layers) {
    const auto size = static_cast<std::ptrdiff_t>(layer->shape.reduction());
    const auto filters = static_cast<std::size_t>(layer->shape.K);
    std::vector<double> norms;
    for (auto row = layer->weights.begin(); row != layer->weights.end(); row += size) {
      norms.push_back(std::accumulate(
          row, row + size, 0.0, [](double sum, float w) { return sum + std::abs(static_cast<double>(w)); }));
    }
    std::vector<std::size_t> order(filters);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return norms[a] < norms[b]; });
    const auto count = static_cast<std::size_t>(std::llround(step.ratio * static_cast<double>(filters)));
    for (std::size_t i = 0; i < count; ++i)
      std::fill_n(layer->weights.begin() + static_cast<std::ptrdiff_t>(order[i]) * size, size, 0.0F);
  }
}

}  // namespace basil
