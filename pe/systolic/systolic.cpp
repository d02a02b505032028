#include "pe/systolic/systolic.h"

namespace basil {
namespace {

std::int64_t triangle(int n) { return std::int64_t{n} * (n - 1) / 2; }

// Sum over the mapped PEs (rows x cols from the corner) of their distance row + column to the corner.
std::int64_t total_skew(int rows, int cols) { return triangle(rows) * cols + triangle(cols) * rows; }

// A fold of `mapped_rows` x `mapped_cols` PEs, each of them busy for `steps` cycles after `head` cycles of
// weights and its own skew.
FoldTiming fold(const SystolicGrid& grid, int mapped_rows, int mapped_cols, int head, int steps) {
  FoldTiming timing;
  timing.cycles = Cycles(head + std::int64_t{grid.rows} + grid.cols + steps - 2);
  const std::int64_t mapped = std::int64_t{mapped_rows} * mapped_cols;
  timing.products = mapped * steps;
  timing.wait_weights = mapped * head;
  timing.wait_activations = total_skew(mapped_rows, mapped_cols);
  timing.drain =
      mapped * timing.cycles.value - timing.products - timing.wait_weights - timing.wait_activations;
  timing.idle = (std::int64_t{grid.rows} * grid.cols - mapped) * timing.cycles.value;
  return timing;
}

}  // namespace

FoldTiming time_weight_stationary(const SystolicGrid& grid, int pixels, int reduction, int filters) {
  return fold(grid, reduction, filters, grid.rows, pixels);
}

// What a PE waits for its first operand it makes up for under the next fold.
FoldTiming time_weight_stationary_doubled(const SystolicGrid& grid, int pixels, int reduction, int filters,
                                          bool last) {
  const std::int64_t mapped = std::int64_t{reduction} * filters;
  const std::int64_t emptying = last ? std::int64_t{grid.rows} + grid.cols - 2 : 0;
  FoldTiming timing;
  timing.cycles = Cycles(pixels + emptying);
  timing.products = mapped * pixels;
  timing.drain = mapped * emptying;
  timing.idle = (std::int64_t{grid.rows} * grid.cols - mapped) * timing.cycles.value;
  return timing;
}

FoldTiming time_output_stationary(const SystolicGrid& grid, int pixels, int reduction, int filters) {
  return fold(grid, pixels, filters, 0, reduction);
}

}  // namespace basil
