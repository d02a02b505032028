// What a window of a row-stationary pass is likely to take, in closed form.
#pragma once

#include <algorithm>
#include <cmath>

#include "dataflows/row_stationary.h"

namespace basil {

// Beats in which the sums of a window of one column leave: of few filters those of several windows share one.
inline double psum_beats(const RowArray& array, int filters) {
  const int most = std::min(array.psum_words_per_beat, array.psum_fifo);
  return filters <= most ? static_cast<double>(filters) / most : static_cast<double>(ceil_div(filters, most));
}

// Cycles of a PE's products, of its own turn with the psums of p filters, and of all columns' psum beats. The
// bus serves columns in turn: those whose sums take a beat or two leave it one after the other and work under
// each other's beats; those of more all wait for all of it, and draw apart only over many windows.
inline double window_cycles(const RowArray& array, double products, double beats, int p) {
  const double under = std::max(products + p, beats), after = products + std::max<double>(p, beats);
  const double together = std::clamp((psum_beats(array, p) - 2) / 4, 0.0, 1.0);
  return under + together * (after - under);
}

}  // namespace basil
