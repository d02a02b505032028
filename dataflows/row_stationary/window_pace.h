// What a window of a row-stationary pass is likely to take, in closed form.
#pragma once

#include <algorithm>

#include "dataflows/row_stationary/row_stationary.h"

namespace basil {

// Beats in which the sums of a window of one column leave: of few filters those of several windows share one.
inline double psum_beats(const RowArray& array, int filters) {
  const int most = std::min(array.psum_words_per_beat, array.psum_fifo);
  return filters <= most ? static_cast<double>(filters) / most : static_cast<double>(ceil_div(filters, most));
}

// Of a PE's products, of its own turn with the psums of p filters, and of all columns' psum beats: columns
// that come one after the other work under each other's beats. (Those that come at once wait for all of it,
// and draw apart over some windows.)
inline double window_cycles(double products, double beats, int p) { return std::max(products + p, beats); }

}  // namespace basil
