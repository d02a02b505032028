// Setting weights to zero.
#pragma once

#include <vector>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"

namespace basil {

// The layers a step names; all of them at once, since a global ratio spans them.
void prune(const PruneMagnitude& step, const std::vector<DenseLayer*>& layers);
void prune(const PruneNofM& step, const std::vector<DenseLayer*>& layers);
void prune(const PruneFilters& step, const std::vector<DenseLayer*>& layers);

}  // namespace basil
