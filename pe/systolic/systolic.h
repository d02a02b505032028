// The register PE of a systolic grid: one multiply-accumulate a cycle, operands from its neighbours.
#pragma once

#include <cstdint>

#include "core/units.h"

namespace basil {

struct SystolicGrid {
  int rows = 32, cols = 32;
};

// Where the PE-cycles of one fold went: they sum to rows * cols * cycles.
struct FoldTiming {
  Cycles cycles;
  std::int64_t products = 0;          // PE-cycles that multiply (gated ones among them)
  std::int64_t wait_weights = 0;      // mapped PEs while weights shift in
  std::int64_t wait_activations = 0;  // mapped PEs before their first operand arrives
  std::int64_t drain = 0;             // mapped PEs after their last product
  std::int64_t idle = 0;              // PEs outside the fold
};

// Weight stationary: `reduction` x `filters` weights held, `pixels` rows streamed through. Weights shift in
// over `rows` cycles, row i starts i cycles late, psums fall through all rows, columns trail by one each:
//   cycles = rows + (pixels + rows + cols - 2) = 2 rows + cols + pixels - 2.
[[nodiscard]] FoldTiming time_weight_stationary(const SystolicGrid& grid, int pixels, int reduction,
                                                int filters);

// With a shadow register behind each weight, the next fold's weights shift in under this one's pixels, and
// its pixels follow at once, each PE changing its weight as the first of them arrives: `pixels` cycles a
// fold, once the first one's weights are in. Only the layer's last fold empties the grid, in rows + cols - 2
// more; F folds of at least `rows` pixels take
//   rows + F * pixels + rows + cols - 2.
[[nodiscard]] FoldTiming time_weight_stationary_doubled(const SystolicGrid& grid, int pixels, int reduction,
                                                        int filters, bool last);

// Output stationary: pixels x filters sums held, `reduction` steps streamed, both sides skewed:
//   cycles = rows + cols + reduction - 2; sums leave by a shadow register chain, `rows` cycles, under the
// next fold.
[[nodiscard]] FoldTiming time_output_stationary(const SystolicGrid& grid, int pixels, int reduction,
                                                int filters);

}  // namespace basil
