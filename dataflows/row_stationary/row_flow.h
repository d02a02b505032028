// When the words of one row-stationary pass move: the ifmap bus held up by full FIFOs, psums climbing the
// columns, the psum buses shared between columns. Values aside, so data never matters.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/units.h"
#include "dataflows/row_stationary/row_feed.h"
#include "dataflows/row_stationary/row_stationary.h"

namespace basil {

// What came under the pass before, into the other halves of doubled stores: filter beats, and the cycles that
// the ifmap bus had.
struct RowAhead {
  std::int64_t filter_beats = 0, ifmap_cycles = 0;
  bool ifmap_early = false;  // its bus does not wait for the filters
  friend auto operator<=>(const RowAhead&, const RowAhead&) = default;
};

// A pass spread over the PEs: sets of filters and of channels, filter rows and ofmap rows.
struct RowFlowShape {
  int n = 1, rows = 1, windows = 1;
  int taps_y = 1, taps_x = 1;
  int stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  std::vector<std::vector<int>> slots;  // of each filter set: those that an ifmap word takes, by filter
  std::vector<int> channels;            // of each channel set
  bool psums_in = false;                // sums of earlier passes come back in
  RowAhead ahead = {};
  RowFeeds feeds = {};
  friend auto operator<=>(const RowFlowShape&, const RowFlowShape&) = default;

  [[nodiscard]] int filter_sets() const { return static_cast<int>(slots.size()); }
  [[nodiscard]] int chain() const { return static_cast<int>(channels.size()) * taps_y; }
  [[nodiscard]] int columns() const { return filter_sets() * rows; }
  [[nodiscard]] std::int64_t pes() const { return std::int64_t{chain()} * columns(); }
};

// Distinct ifmap columns that the windows read, and words on the ifmap bus, padding included.
[[nodiscard]] std::int64_t touched_columns(const RowFlowShape& shape);
[[nodiscard]] std::int64_t ifmap_words(const RowFlowShape& shape);

// What a bus carried: beats are cycles with words.
struct RowBeats {
  std::int64_t beats = 0, words = 0, until = 0;  // until: the cycle after the last beat
};

// PE-cycles over the mapped PEs, those that multiply aside; the words of RowArrayClocked's account.
struct RowFlow {
  Cycles cycles;
  Cycles slots_over;  // when the last PE is done and only sums on their way out are left
  std::int64_t products = 0, wait_weights = 0, wait_activations = 0, wait_psums = 0, noc = 0, drain = 0,
               imbalance = 0;
  RowBeats filter_bus, ifmap_bus, psum_in_bus, psum_out_bus;
};

// The pass on the array: the cycles, bins and beats of the clocked array
// (dataflows/row_stationary/row_array.h), from the times of events in place of registers; with operands ready
// in their buffers all of them are the same. Only PEs that something happens to are visited: a word enters
// its spad, a word's slots begin, a psum is taken in. Behind a feed a chunk takes its buffer's cycles, and
// the carrier's.
[[nodiscard]] RowFlow flow_of(const RowFlowShape& shape, const RowArray& array,
                              RowCarrier* carrier = nullptr);

// Passes of the same shape on one array take the same time: each is followed once.
class RowFlows {
 public:
  explicit RowFlows(const RowArray& array, const std::optional<RowNetwork>& network = {})
      : array_(array), network_(network) {}
  [[nodiscard]] const RowFlow& of(const RowFlowShape& shape);

 private:
  RowArray array_;
  std::optional<RowNetwork> network_;
  std::map<RowFlowShape, RowFlow> known_;
};

}  // namespace basil
