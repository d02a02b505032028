// What a row-stationary array is, and how a layer lies on it (Eyeriss, ISCA 2016 and JSSC 2017).
#pragma once

#include <algorithm>

#include "core/units.h"
#include "dataflows/pass_sequence.h"
#include "dataflows/row_stationary/data_paths.h"
#include "pe/row_stationary/row_pe.h"

namespace basil {

// What of a machine the dataflow must know.
struct RowArray {
  int rows = 12, cols = 14;
  RowPe pe;
  Bytes fmap_buffer{100 * 1024};  // of the global buffer, for ifmap tiles and psums
  Bytes filter_buffer{8 * 1024};  // prefetches a pass's filters
  Bytes filter_ring{8 * 1024};    // all of that buffer: keeps those that a loop comes back to
  int word_bytes = 2;             // of an ifmap word in the buffer
  int weight_slots = 1;           // that a weight takes at most; each has its word in the filter spad
  int psum_bits = 16;             // of a psum in the buffer
  int accumulator_bits = 16;      // of one inside and between PEs
  int ifmap_words_per_cycle = 1;
  int psum_words_per_beat = 4;
  int ifmap_fifo = 4;    // words before a PE's spad
  int psum_fifo = 4;     // psums between PEs of a column, and at its ends
  int weight_bits = 16;  // where the PEs keep one
  DataPaths paths;
  Overlap overlap;
  bool filters_doubled = false;  // in the filter buffer: the next pass's need not wait for room
  bool double_weights = false;   // filter spads of two halves, as in RowLinks

  [[nodiscard]] int psum_bytes() const { return (psum_bits + 7) / 8; }
  // Of a pass at this pace.
  [[nodiscard]] int ifmap_words(int pace) const {
    return pace == 0 ? ifmap_words_per_cycle : std::min(pace, ifmap_words_per_cycle);
  }
};

// The paper's letters. Filters m whose psums stay in the buffer (in groups of p * t), ifmaps n of a pass,
// ofmap rows e of a strip, filters p and channels q interleaved in a PE, sets r over channels, t over
// filters. Columns that ifmap words reach one after the other do not meet at the psum buses, so a bus that is
// ahead of the PEs may do better to send fewer words at a time than it could.
struct RowMapping {
  int m = 1, n = 1, e = 1, p = 1, q = 1, r = 1, t = 1;
  int taps_y = 1,
      taps_x = 1;       // filter rows and columns of a pass; fewer than the filter's where it is folded
  int ifmap_words = 0;  // that the ifmap bus sends in a cycle; 0: as many as it can
  friend bool operator==(const RowMapping&, const RowMapping&) = default;
};

}  // namespace basil
