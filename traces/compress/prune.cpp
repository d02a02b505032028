#include "traces/compress/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace basil {
namespace {

std::size_t share(double ratio, std::size_t of) {
  return static_cast<std::size_t>(std::llround(ratio * static_cast<double>(of)));
}

// Zeroes the `count` weights smallest in magnitude; of equals those that come first.
void zero_smallest(std::vector<float*>& weights, std::size_t count) {
  const auto first_after = weights.begin() + static_cast<std::ptrdiff_t>(count);
  std::stable_sort(weights.begin(), weights.end(),
                   [](const float* a, const float* b) { return std::abs(*a) < std::abs(*b); });
  std::for_each(weights.begin(), first_after, [](float* weight) { *weight = 0; });
}

void append(std::vector<float*>& all, std::span<float> weights) {
  for (float& weight : weights) all.push_back(&weight);
}

}  // namespace

void prune(const PruneMagnitude& step, const std::vector<DenseLayer*>& layers) {
  std::vector<float*> weights;
  for (DenseLayer* layer : layers) {
    append(weights, layer->weights);
    if (step.global) continue;
    zero_smallest(weights, share(step.ratio, weights.size()));
    weights.clear();
  }
  if (step.global) zero_smallest(weights, share(step.ratio, weights.size()));
}

void prune(const PruneNofM& step, const std::vector<DenseLayer*>& layers) {
  const auto n = static_cast<std::size_t>(step.n), m = static_cast<std::size_t>(step.m);
  std::vector<float*> block;
  for (DenseLayer* layer : layers) {
    const auto depth = static_cast<std::size_t>(layer->shape.channels_per_group());
    const std::span<float> weights = layer->weights;
    for (std::size_t row = 0; row < weights.size(); row += depth) {
      for (std::size_t c = 0; c < depth; c += m) {
        const std::size_t size = std::min(m, depth - c);
        if (size <= n) continue;
        block.clear();
        append(block, weights.subspan(row + c, size));
        zero_smallest(block, size - n);
      }
    }
  }
}

void prune(const PruneFilters& step, const std::vector<DenseLayer*>& layers) {
  for (DenseLayer* layer : layers) {
    const auto size = static_cast<std::size_t>(layer->shape.reduction());
    const auto filters = static_cast<std::size_t>(layer->shape.K);
    const auto filter = [&](std::size_t k) { return std::span(layer->weights).subspan(k * size, size); };
    std::vector<double> norms;
    for (std::size_t k = 0; k < filters; ++k) {
      double norm = 0;
      for (const float weight : filter(k)) norm += std::abs(static_cast<double>(weight));
      norms.push_back(norm);
    }
    std::vector<std::size_t> order(filters);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return norms[a] < norms[b]; });
    order.resize(share(step.ratio, filters));
    for (const std::size_t k : order) std::ranges::fill(filter(k), 0.0F);
  }
}

namespace {

void read(YamlReader& reader, RecipeStep& step) {
  const std::string method = reader.word("method", {"magnitude", "n:m", "filters"});
  if (method == "magnitude") {
    const PruneMagnitude prune{.ratio = reader.real("ratio", 0, 1),
                               .global = reader.word("scope", {"layer", "global"}, "layer") == "global"};
    step.parameters = prune;
    step.text =
        fmt::format("prune {:g} by magnitude, {}", prune.ratio, prune.global ? "over all layers" : "a layer");
  } else if (method == "n:m") {
    PruneNofM prune;
    prune.m = static_cast<int>(reader.integer("m", 1, 1 << 16));
    prune.n = static_cast<int>(reader.integer("n", 0, prune.m));
    step.parameters = prune;
    step.text = fmt::format("prune to {}:{}", prune.n, prune.m);
  } else {
    const PruneFilters prune{.ratio = reader.real("ratio", 0, 1)};
    step.parameters = prune;
    step.text = fmt::format("zero {:g} of the filters", prune.ratio);
  }
}

// Whichever method the step has.
void prune_layers(const RecipeStep& step, const std::vector<DenseLayer*>& layers) {
  if (const auto* magnitude = std::any_cast<PruneMagnitude>(&step.parameters))
    return prune(*magnitude, layers);
  if (const auto* n_of_m = std::any_cast<PruneNofM>(&step.parameters)) return prune(*n_of_m, layers);
  prune(step.as<PruneFilters>(), layers);
}

}  // namespace

extern const RecipeStepType prune_step;
const RecipeStepType prune_step{
    .name = "prune",
    .summary = "sets weights to zero: the smallest, all but n of m, or whole filters",
    .example =
        R"({method: magnitude, ratio: 0.7, layers: "conv*"}   # or scope: global, method: n:m, method: filters)",
    .stage = RecipeStage::prune,
    .read = read,
    .prune = prune_layers,
};

}  // namespace basil
