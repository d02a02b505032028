#include "traces/compress/recipe_plan.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "core/error.h"
#include "traces/compress/author_codes.h"
#include "traces/compress/keep.h"
#include "traces/compress/quantise.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/network/real_numbers.h"

namespace basil {
namespace {

// The layers that a step names.
std::vector<LayerPlan*> named(std::vector<LayerPlan>& layers, const std::string& network,
                              const RecipeStep& step) {
  constexpr std::size_t longest = 120;
  std::vector<LayerPlan*> found;
  std::string names;
  for (LayerPlan& plan : layers) {
    if (!plan.layer.simulated()) continue;
    if (fnmatch(step.layers.c_str(), plan.layer.name.c_str(), 0) == 0) found.push_back(&plan);
    if (names.size() < longest) names += " " + plan.layer.name;
  }
  if (names.empty()) throw Error(network, "no layer with weights", "a conv, dwconv or fc layer");
  if (found.empty())
    throw Error(step.where, "'" + step.layers + "' names no layer",
                "a glob over" + names + (names.size() < longest ? "" : " ..."));
  return found;
}

// Returns what the history says.
std::string take(const RecipeStep& step, const std::vector<LayerPlan*>& plans) {
  const RecipeStepType& type = *step.type;
  std::vector<DenseLayer*> pruned;
  std::size_t left = 0;
  for (LayerPlan* plan : plans) {
    switch (type.stage) {
      case RecipeStage::prune:
        plan->pruned = true;
        plan->layer = with_reals(std::move(plan->layer));
        pruned.push_back(&plan->layer);
        break;
      case RecipeStage::numbers:
        if (type.takes == nullptr || type.takes(step, plan->layer))
          plan->numbers = step;
        else
          ++left;
        break;
      case RecipeStage::encode:
        plan->encoding = type.encoding(step);
        break;
    }
  }
  if (type.prune != nullptr) type.prune(step, pruned);
  return left == 0 ? step.text : fmt::format("{}, {} of {} layers left", step.text, left, plans.size());
}

}  // namespace

Plan plan_recipe(const DenseNetwork& network, const Recipe& recipe) {
  Plan plan;
  for (const DenseLayer& layer : network.layers) plan.layers.push_back({.layer = layer});
  for (const RecipeStep& step : recipe.steps) {
    const std::string text = take(step, named(plan.layers, network.name, step));
    plan.history += (plan.history.empty() ? "" : "; ") + text;
  }
  const bool kept_unsaid = std::ranges::any_of(
      plan.layers, [](const LayerPlan& layer) { return layer.layer.codes && !layer.numbers; });
  if (kept_unsaid) plan.history += (plan.history.empty() ? "" : "; ") + std::string("own integers kept");
  return plan;
}

bool keeps_integers(const LayerPlan& plan) {
  return plan.layer.codes && (!plan.numbers || plan.numbers->type->own_integers);
}

namespace {

Layer with_numbers(const LayerPlan& plan) {
  if (keeps_integers(plan)) return kept_layer(plan.layer);
  const std::optional<DenseLayer> plain = plain_layer(plan.layer);
  const DenseLayer& dense = plain ? *plain : plan.layer;
  Layer layer = plan.numbers ? plan.numbers->type->make(*plan.numbers, dense) : quantise(dense, Quantise{});
  if (layer.ifmap.is_real()) return layer;
  layer.ifmap.codes = ifmap_codes(plan.layer);
  layer.output.dtype = plan.layer.output ? plan.layer.output->dtype : plan.layer.activation_dtype;
  return layer;
}

}  // namespace

Layer carry_out(const LayerPlan& plan) {
  Layer layer = with_numbers(plan);
  if (plan.numbers && plan.numbers->type->makes != nullptr) return layer;
  if (plan.encoding) {
    layer.weights = re_encode(layer.weights, *plan.encoding);
    return layer;
  }
  Operand bitmap = re_encode(layer.weights, &bitmap_encoding);
  if (encoded_bits(bitmap) < encoded_bits(layer.weights)) layer.weights = std::move(bitmap);
  return layer;
}

}  // namespace basil
