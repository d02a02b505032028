// Setting weights to zero.
#pragma once

#include <vector>

#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"

namespace basil {

// Sets the smallest weights to zero.
struct PruneMagnitude {
  double ratio = 0;  // share of weights that are zero afterwards, of each layer or of all together
  bool global = false;
};
// Of every m weights in a row along the channels at most n stay.
struct PruneNofM {
  int n = 2, m = 4;
};
// Sets whole filters to zero, those of least L1 norm.
struct PruneFilters {
  double ratio = 0;
};

// The layers a step names; all of them at once, since a global ratio spans them.
void prune(const PruneMagnitude& step, const std::vector<DenseLayer*>& layers);
void prune(const PruneNofM& step, const std::vector<DenseLayer*>& layers);
void prune(const PruneFilters& step, const std::vector<DenseLayer*>& layers);

}  // namespace basil
