// What the steps of a recipe come to, layer by layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

struct LayerPlan {
  DenseLayer layer;  // pruned where the steps say so
  bool pruned = false;
  std::optional<RecipeStep> numbers =
      {};  // what the weights become; where no step says, see keeps_integers(), or int8 a channel
  // Where `numbers` leaves a choice; where no step says, whichever is smaller of dense and bitmap.
  std::optional<Encoding> encoding = {};
};

struct Plan {
  std::vector<LayerPlan> layers;  // those of the network, in its order
  std::string history;            // the steps' texts, and how many layers one could not take
};

// Errors: a glob that names no layer, no layer with weights, more bases or taps than a layer's window allows.
[[nodiscard]] Plan plan_recipe(const DenseNetwork& network, const Recipe& recipe);

// Whether the layer keeps the integers that it came with.
[[nodiscard]] bool keeps_integers(const LayerPlan& plan);

// The layer as planned. The layer must be simulated(). output.scale is left at 1 unless it keeps its
// author's.
[[nodiscard]] Layer carry_out(const LayerPlan& plan);

}  // namespace basil
