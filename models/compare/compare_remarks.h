// What a reader must know before believing a comparison's order: which intervals overlap, what was left as it
// is, and where the machines compute at different widths.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/compare/compare.h"

namespace basil {

// What energies are compared by: of a whole result, from every figure of the technology table at its low to
// every figure at its high. Times are as simulated, so energy x delay spreads as the energy does.
enum class Spreading { energy, energy_delay };

// Whether the two contenders' intervals have a figure in common: their order could be the other one.
[[nodiscard]] bool overlap(const Comparison& comparison, Spreading figure, std::size_t a, std::size_t b);
// Whether the contender's interval overlaps any other's.
[[nodiscard]] bool overlaps_any(const Comparison& comparison, Spreading figure, std::size_t contender);

// A sentence each: overlapping intervals, what scaling left alone, widths that differ.
[[nodiscard]] std::vector<std::string> remarks(const Comparison& comparison);

// "1.30x", and two digits however small: "0.0012x".
[[nodiscard]] std::string ratio_text(double ratio);

}  // namespace basil
