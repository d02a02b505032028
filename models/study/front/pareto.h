// The points of a study that no other beats.
#pragma once

#include <cstddef>
#include <vector>

namespace basil {

// Indices of the points that no other point equals or beats in every objective and beats in one; less is
// better. `objectives`: a row a point, all of one length. In the order of the first objective, then of the
// others, then of the points. Points with equal objectives are all in it or none.
[[nodiscard]] std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& objectives);

}  // namespace basil
