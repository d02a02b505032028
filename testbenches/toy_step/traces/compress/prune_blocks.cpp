// A toy step of a recipe, whole: sets the blocks of 8 weights with the least L1 norm to zero.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "traces/compress/recipe.h"

namespace basil {
namespace {

constexpr std::size_t length = 8;

void read(YamlReader& reader, RecipeStep& step) {
  const double ratio = reader.real("ratio", 0, 1);
  step.parameters = ratio;
  step.text = fmt::format("zero {:g} of the blocks of {}", ratio, length);
}

void prune_layer(double ratio, std::vector<float>& weights) {
  std::vector<double> norms;
  for (std::size_t first = 0; first < weights.size(); first += length) {
    double& norm = norms.emplace_back(0);
    for (std::size_t i = first; i < std::min(first + length, weights.size()); ++i)
      norm += std::abs(static_cast<double>(weights[i]));
  }
  std::vector<std::size_t> order(norms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t block) { return norms[block]; });
  order.resize(static_cast<std::size_t>(std::llround(ratio * static_cast<double>(order.size()))));
  for (const std::size_t block : order) {
    const std::size_t first = block * length, end = std::min(first + length, weights.size());
    std::fill(weights.begin() + static_cast<std::ptrdiff_t>(first),
              weights.begin() + static_cast<std::ptrdiff_t>(end), 0.0F);
  }
}

}  // namespace

extern const RecipeStepType prune_blocks_step;
const RecipeStepType prune_blocks_step{
    .name = "prune_blocks",
    .summary = "a toy: sets the blocks of 8 weights with the least L1 norm to zero",
    .example = "{ratio: 0.5}",
    .stage = RecipeStage::prune,
    .read = read,
    .prune =
        [](const RecipeStep& step, const std::vector<DenseLayer*>& layers) {
          for (DenseLayer* layer : layers) prune_layer(step.as<double>(), layer->weights);
        },
};

}  // namespace basil
