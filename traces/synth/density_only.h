// What a simulator that knows densities alone would see: the same zeros, elsewhere.
#pragma once

#include <cstdint>

#include "traces/trace.h"

namespace basil {

// The trace with the values of each operand, zeros among them, at random places: density and set of values
// stay, layer by layer, and what leaves the chip follows from them. Of the encodings of weights alone what is
// zero or not moves: the codes of power_of_two (both terms of a weight together, among filters of as many
// terms), the coefficients of a basis, the pointwise weights of a comparator; binary weights have no zeros
// and stay. A layer's draw follows from the seed, its name and its own operands. The trace must have been
// checked.
[[nodiscard]] Trace density_only(const Trace& trace, std::uint64_t seed);

}  // namespace basil
