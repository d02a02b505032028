#include "traces/compress/recipe_plan.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "core/error.h"
#include "traces/compress/fit_basis.h"
#include "traces/compress/fit_binary.h"
#include "traces/compress/fit_comparator.h"
#include "traces/compress/fit_power_of_two.h"
#include "traces/compress/prune.h"
#include "traces/compress/quantise.h"

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

bool has_window(const DenseLayer& layer) {
  return layer.kind == Kind::conv && layer.shape.R * layer.shape.S > 1;
}

void check_choice(const std::optional<int>& chosen, int most, const DenseLayer& layer,
                  const std::string& where) {
  if (!chosen || *chosen <= most) return;
  throw Error(where, fmt::format("{} for layer {}", *chosen, layer.name),
              fmt::format("at most {} for a window of {} x {}", most, layer.shape.R, layer.shape.S));
}

// Whether the fit can state that layer.
bool takes(const FitPowerOfTwo&, const DenseLayer&) { return true; }
bool takes(const FitBasis& fit, const DenseLayer& layer) {
  const bool depthwise = layer.shape.groups > 1 && layer.shape.channels_per_group() == 1;
  if (!has_window(layer) || depthwise) return false;
  check_choice(fit.bases, layer.shape.R * layer.shape.S, layer, fit.where);
  return true;
}

bool takes(const FitComparator& fit, const DenseLayer& layer) {
  constexpr int greatest_window = 256;  // of the encoding
  const int window = layer.shape.R * layer.shape.S;
  if (!has_window(layer) || layer.shape.groups > 1 || window > greatest_window) return false;
  check_choice(fit.taps, window - 1, layer, fit.where);
  return true;
}
bool takes(const FitBinary&, const DenseLayer& layer) { return layer.shape.groups == 1; }

void prune_layers(const auto& step, const std::vector<LayerPlan*>& plans) {
  std::vector<DenseLayer*> layers;
  for (LayerPlan* plan : plans) {
    plan->pruned = true;
    layers.push_back(&plan->layer);
  }
  prune(step, layers);
}

// Returns what the history says.
std::string take(const RecipeStep& step, const std::vector<LayerPlan*>& plans) {
  std::size_t left = 0;
  const auto act = [&](const auto& action) {
    using Action = std::decay_t<decltype(action)>;
    if constexpr (std::is_same_v<Action, Quantise>) {
      for (LayerPlan* plan : plans) plan->quantise = action, plan->fit.reset();
    } else if constexpr (std::is_same_v<Action, Encode>) {
      for (LayerPlan* plan : plans) plan->encoding = action.encoding;
    } else if constexpr (std::is_constructible_v<Fit, Action>) {
      for (LayerPlan* plan : plans) {
        if (takes(action, plan->layer)) {
          plan->fit = action, plan->quantise.reset();
        } else {
          ++left;
        }
      }
    } else {
      prune_layers(action, plans);
    }
  };
  std::visit(act, step.action);
  return left == 0 ? step.text : fmt::format("{}, {} of {} layers left", step.text, left, plans.size());
}

Layer carry_out_fit(const DenseLayer& layer, const FitPowerOfTwo& fit) {
  return integer_layer(layer, fit_power_of_two(layer, fit));
}
Layer carry_out_fit(const DenseLayer& layer, const FitBasis& fit) {
  return integer_layer(layer, fit_basis(layer, fit));
}

Layer carry_out_fit(const DenseLayer& layer, const FitComparator& fit) { return fit_comparator(layer, fit); }
Layer carry_out_fit(const DenseLayer& layer, const FitBinary&) { return fit_binary(layer); }

}  // namespace

Plan plan_recipe(const DenseNetwork& network, const Recipe& recipe) {
  Plan plan;
  for (const DenseLayer& layer : network.layers) plan.layers.push_back({.layer = layer});
  for (const RecipeStep& step : recipe.steps) {
    const std::string text = take(step, named(plan.layers, network.name, step));
    plan.history += (plan.history.empty() ? "" : "; ") + text;
  }
  return plan;
}

Layer carry_out(const LayerPlan& plan) {
  if (plan.fit) return std::visit([&](const auto& fit) { return carry_out_fit(plan.layer, fit); }, *plan.fit);
  Layer layer = quantise(plan.layer, plan.quantise.value_or(Quantise{}));
  if (plan.encoding) {
    layer.weights = re_encode(layer.weights, *plan.encoding);
    return layer;
  }
  Operand bitmap = re_encode(layer.weights, Encoding::bitmap);
  if (encoded_bits(bitmap) < encoded_bits(layer.weights)) layer.weights = std::move(bitmap);
  return layer;
}

Encoding encoding_of(const Fit& fit) {
  constexpr Encoding encodings[] = {Encoding::power_of_two, Encoding::basis, Encoding::comparator,
                                    Encoding::binary};
  return encodings[fit.index()];
}

}  // namespace basil
