// What a window of a row-stationary pass is likely to take, in closed form.
#pragma once

#include <algorithm>
#include <cmath>

#include "dataflows/row_stationary.h"
#include "dataflows/row_stationary/pass_pace.h"

namespace basil {

// Beats in which the sums of a window of one column leave: of few filters those of several windows share one.
inline double psum_beats(const RowArray& array, int filters) {
  const int most = std::min(array.psum_words_per_beat, array.psum_fifo);
  return filters <= most ? static_cast<double>(filters) / most : static_cast<double>(ceil_div(filters, most));
}

// Cycles of a PE's products, of its own turn with the psums of p filters, and of all columns' psum beats. The
// bus serves columns in turn. Those that come one after the other work under each other's beats; those that
// come at once wait for all of it, and draw apart over many windows, the more the beats each takes.
inline double window_cycles(RowPace pace, double products, double beats, int p) {
  return pace == RowPace::together ? products + std::max<double>(p, beats) : std::max(products + p, beats);
}

}  // namespace basil
