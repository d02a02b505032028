// For tests: arrays with twice of one thing.
#pragma once

#include "dataflows/row_stationary/row_mapping.h"

namespace basil {

inline constexpr int ways_to_double = 7;

// Twice the rows, the columns, all ports, one of three buses, or the link, by `what`.
inline RowArray doubled(RowArray array, int what) {
  DataPaths& paths = array.paths;
  switch (what) {
    case 0:
      array.rows *= 2;
      break;
    case 1:
      array.cols *= 2;
      break;
    case 2:
      for (StreamPath* path : {&paths.filters, &paths.ifmap, &paths.psums_in, &paths.psums_out})
        path->port_bits *= 2;
      break;
    case 3:
      array.pe.filter_words_per_beat *= 2;
      paths.filters.bus_bits *= 2;
      break;
    case 4:
      array.ifmap_words_per_cycle *= 2;
      paths.ifmap.bus_bits *= 2;
      break;
    case 5:
      array.psum_words_per_beat *= 2;
      paths.psums_in.bus_bits *= 2;
      paths.psums_out.bus_bits *= 2;
      break;
    default:
      paths.dram.link_khz *= 2;
  }
  return array;
}

}  // namespace basil
