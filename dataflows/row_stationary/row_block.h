// What a row-stationary pass puts on the clocked array: operand blocks already cut out of the layer, and
// how they spread over logical PEs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "core/units.h"
#include "dataflows/drawing.h"
#include "pe/mac/number.h"
#include "pe/row_stationary/row_pe.h"

namespace basil {

struct RowBlockShape {
  int n = 1, filters = 1, channels = 1;
  int taps_y = 1, taps_x = 1;  // filter rows and columns
  int rows = 1, windows = 1;   // ofmap rows and columns
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int p = 1, q = 1;             // filters and channels interleaved in a PE
  bool psums_in = false;        // sums of earlier passes come back in
  std::vector<int> slots = {};  // of each filter's weights; empty: one each

  // Of the padded ifmap block: from the first row's first tap to the last row's last tap, likewise columns.
  [[nodiscard]] int ifmap_rows() const { return (rows - 1) * stride_y + (taps_y - 1) * dilation_y + 1; }
  [[nodiscard]] int ifmap_columns() const { return (windows - 1) * stride_x + (taps_x - 1) * dilation_x + 1; }

  // Sets over filters and over channels; the last ones may be smaller than p and q.
  [[nodiscard]] int filter_sets() const { return static_cast<int>(ceil_div(filters, p)); }
  [[nodiscard]] int channel_sets() const { return static_cast<int>(ceil_div(channels, q)); }
  [[nodiscard]] int filters_in(int set) const { return std::min(p, filters - set * p); }
  // Slots of the filters before `filter`, and of a set's filters.
  [[nodiscard]] int slots_before(int filter) const {
    return slots.empty() ? filter : std::accumulate(slots.begin(), slots.begin() + filter, 0);
  }
  [[nodiscard]] int slots_in(int set) const {
    return slots_before(set * p + filters_in(set)) - slots_before(set * p);
  }
  [[nodiscard]] std::span<const int> slots_of(int set) const {
    if (slots.empty()) return {};
    return std::span(slots).subspan(static_cast<std::size_t>(set * p),
                                    static_cast<std::size_t>(filters_in(set)));
  }
  [[nodiscard]] int channels_in(int set) const { return std::min(q, channels - set * q); }

  [[nodiscard]] int pes() const { return filter_sets() * channel_sets() * taps_y * rows; }
  // PEs stacked in a column, through which a psum climbs.
  [[nodiscard]] int chain() const { return channel_sets() * taps_y; }
  // Columns of PEs: one for every filter set and ofmap row.
  [[nodiscard]] int columns() const { return filter_sets() * rows; }
  // Psums of one column in the pass.
  [[nodiscard]] std::int64_t column_psums(int column) const {
    return std::int64_t{n} * windows * filters_in(column / rows);
  }
};

// A logical PE: filter set, channel set, filter row, ofmap row.
struct RowPePlace {
  int filter_set = 0, channel_set = 0, tap_y = 0, row = 0;

  friend bool operator==(const RowPePlace&, const RowPePlace&) = default;
};

// Operands of a pass; whoever owns them keeps them while the array runs.
//   weights  slots of all filters x taps_y x taps_x x channels
//   ifmap    n x ifmap_rows() x ifmap_columns() x channels, padding included
//   psums    n x rows x windows x filters; empty without psums_in
template <class Word>
struct RowBlock {
  RowBlockShape shape;
  std::span<const Word> weights, ifmap;
  std::span<const SumOf<Word>> psums;
};

// Place of a column's psum `index` (order n, window, filter) among the block's psums.
[[nodiscard]] inline std::size_t psum_address(const RowBlockShape& shape, int column, std::int64_t index) {
  const int set = column / shape.rows, row = column % shape.rows;
  const int filters = shape.filters_in(set);
  const std::int64_t window = index / filters % shape.windows, n = index / filters / shape.windows;
  const std::int64_t pixel = (n * shape.rows + row) * shape.windows + window;
  return static_cast<std::size_t>(pixel * shape.filters + set * shape.p + index % filters);
}

// The wiring of the array.
struct RowArrayWiring {
  RowPe pe;
  int ifmap_words_per_cycle = 1;
  int ifmap_fifo = 4;  // words at a PE's door
  int psum_fifo = 4;   // psums between PEs of a column, and at its ends
  int psum_words_per_beat = 4;
  bool double_ifmap = false;  // ifmap words come whether or not the filters are in
};

// What a bus carried: cycles [from, until) of the pass, beats (cycles with words), words, and words times
// their takers.
struct BusUse {
  Cycles from, until;
  std::int64_t beats = 0, words = 0, deliveries = 0;

  void beat(Cycles now, std::int64_t beat_words, std::int64_t beat_deliveries) {
    if (beats == 0) from = now;
    until = now + Cycles(1);
    ++beats;
    words += beat_words;
    deliveries += beat_deliveries;
  }
};

}  // namespace basil
