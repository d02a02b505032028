// How wide a machine keeps its sums, and what becomes of one that does not fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traces/trace.h"

namespace basil {

// What happens where a sum is narrowed and does not fit: the run stops; it becomes the nearest value that
// fits; its upper bits are lost (two's complement).
enum class Overflow { error, saturate, wrap };
[[nodiscard]] std::string_view to_string(Overflow overflow);
// Error at `where` for another word.
[[nodiscard]] Overflow parse_overflow(const std::string& word, const std::string& where);

// A sum is added up pass by pass.
//   - During a pass it is in the array's accumulators: two's complement of `accumulator_bits`, so what does
//     not fit is lost modulo 2^accumulator_bits, and the order of adding does not matter. The first pass
//     starts them from the bias, a later one from the psum that the passes before have left.
//   - At the end of the pass it is written as a psum of `psum_bits`, to the buffer (row stationary), to the
//     accumulators under the grid (systolic) or to the requantiser (arrays of a unit's own, whose passes
//     finish their sums). That narrows it by `overflow`.
// The bits of an accumulator above psum_bits are guard bits: without them nothing is left to saturate, since
// a sum has wrapped before it is narrowed.
struct SumWidth {
  int psum_bits = 64;         // 1 to 64, the sign among them
  int accumulator_bits = 64;  // psum_bits to 64
  Overflow overflow = Overflow::error;
};

// The pass, counted from 0 among those that add to an output one after the other, in which each product of a
// filter is added; products in the order of a filter's weights (R, S, C/groups). Empty: one pass adds all.
using ReductionOrder = std::vector<int>;

// The least width in two's complement that holds a sum: 1 for 0 and -1, 8 for 127.
[[nodiscard]] int bits_of_sum(std::int64_t sum);

// No sum of these products of an integer layer, in whatever order and however many of them, bias included,
// is greater in magnitude: reduction x greatest |weight| x greatest |ifmap word| + greatest |bias|.
[[nodiscard]] std::int64_t sum_bound(const Layer& layer);

// Whether some sum of the layer could exceed that width.
[[nodiscard]] bool may_overflow(const Layer& layer, const SumWidth& width);

}  // namespace basil
