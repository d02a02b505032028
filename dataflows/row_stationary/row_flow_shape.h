// A row-stationary pass as its flow sees it, and what the flow counts.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "core/units.h"
#include "dataflows/drawing.h"
#include "dataflows/row_stationary/row_feed.h"

namespace basil {

// A pass spread over the PEs: sets of filters and of channels, filter rows and ofmap rows.
struct RowFlowShape {
  int n = 1, rows = 1, windows = 1;
  int taps_y = 1, taps_x = 1;
  int stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  std::vector<std::vector<int>> slots;  // of each filter set: those that an ifmap word takes, by filter
  std::vector<int> channels;            // of each channel set
  bool psums_in = false;                // sums of earlier passes come back in
  int ifmap_words = 0;                  // that the ifmap bus sends in a cycle; 0: as many as it can
  PassAhead ahead = {};
  RowFeeds feeds = {};
  friend auto operator<=>(const RowFlowShape&, const RowFlowShape&) = default;

  [[nodiscard]] int filter_sets() const { return static_cast<int>(slots.size()); }
  [[nodiscard]] int chain() const { return static_cast<int>(channels.size()) * taps_y; }
  [[nodiscard]] int columns() const { return filter_sets() * rows; }
  [[nodiscard]] std::int64_t pes() const { return std::int64_t{chain()} * columns(); }
};

// What a bus carried: beats are cycles with words.
struct RowBeats {
  std::int64_t beats = 0, words = 0;
  std::int64_t from = 0, until = 0;  // the cycle of the first beat, the one after the last

  void beat(std::int64_t now, std::int64_t beat_words) {
    if (beats++ == 0) from = now;
    words += beat_words;
    until = now + 1;
  }
};

// PE-cycles over the mapped PEs, those that multiply aside; the words of RowArrayClocked's account.
struct RowFlow {
  Cycles cycles;
  Cycles slots_over;  // when the last PE is done and only sums on their way out are left
  std::int64_t products = 0, wait_weights = 0, wait_activations = 0, wait_psums = 0, noc = 0, drain = 0,
               imbalance = 0;
  RowBeats filter_bus, ifmap_bus, psum_in_bus, psum_out_bus;
};

}  // namespace basil
