// Greedy balancing: which filters of a pass share a unit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basil {

// Filters of a unit, as places among the filters of the pass.
struct Collocated {
  int first = 0;
  int second = -1;  // none
  friend bool operator==(const Collocated&, const Collocated&) = default;
};

// Filter i alone in unit i.
[[nodiscard]] std::vector<Collocated> alone(int filters);

// The densest filter with the sparsest, the next with the next, over `units` units; equals go by their
// place. A place without a filter counts as the sparsest: so filters up to `units` stay alone, and beyond
// that the densest stay alone longest. At most 2 * units filters; the units with a filter come first.
[[nodiscard]] std::vector<Collocated> greedy(std::span<const std::int64_t> nonzeros, int units);

}  // namespace basil
