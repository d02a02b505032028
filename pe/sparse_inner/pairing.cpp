#include "pe/sparse_inner/pairing.h"

#include <algorithm>
#include <numeric>

namespace basil {

std::vector<Collocated> alone(int filters) {
  std::vector<Collocated> units(static_cast<std::size_t>(filters));
  for (int filter = 0; filter < filters; ++filter) units[static_cast<std::size_t>(filter)].first = filter;
  return units;
}

std::vector<Collocated> greedy(std::span<const std::int64_t> nonzeros, int units) {
  std::vector<int> order(nonzeros.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return nonzeros[static_cast<std::size_t>(a)] > nonzeros[static_cast<std::size_t>(b)];
  });
  const auto places = static_cast<std::size_t>(units);
  std::vector<Collocated> pairs(std::min(places, order.size()));
  for (std::size_t unit = 0; unit < pairs.size(); ++unit) {
    const std::size_t partner = 2 * places - 1 - unit;
    pairs[unit] = {order[unit], partner < order.size() ? order[partner] : -1};
  }
  return pairs;
}

}  // namespace basil
