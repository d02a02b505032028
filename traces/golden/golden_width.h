// The golden executor at a machine's width of sums.
#pragma once

#include "traces/golden/golden.h"
#include "traces/golden/sum_width.h"

namespace basil {

// What a layer's sums come to where they are kept in few bits.
struct NarrowOfmap {
  Ofmap ofmap;  // as the machine has them
  // Of each output: 1 where some psum, had nothing been narrowed before, did not fit.
  std::vector<std::uint8_t> overflowed;
  int widest_bits = 1;  // of a finished sum, had nothing been narrowed
  int needed_bits = 1;  // psum_bits that would hold every psum of the layer
};

// Runs an integer layer exactly, pass by pass in `order`, and beside it as the machine has it. `error`
// narrows nothing. A comparator's order must be empty.
[[nodiscard]] NarrowOfmap run_golden(const Layer& layer, const SumWidth& width, const ReductionOrder& order);

}  // namespace basil
