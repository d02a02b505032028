// The spad PE of a row-stationary array: one multiply-accumulate a cycle out of three scratchpads,
// after the PE of Eyeriss (JSSC 2017): 3-stage pipe, one adder shared by products and incoming psums.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/units.h"

namespace basil {

// Sizes in words of the PE's operand width.
struct RowPe {
  int filter_spad = 224;
  int ifmap_spad = 12;
  int psum_spad = 24;
  int filter_words_per_beat = 4;  // words the filter bus writes into the spad in a cycle
  int pipeline = 3;               // stages: read spads, multiply, accumulate
  bool zero_gating = true;  // a zero ifmap word freezes multiplier, filter read and psum: energy, not time
};

// One PE's share of a pass: n rows, each a 1-D convolution of q channels with p filters of `taps`.
// Order of the slots: for each ifmap n, window x, tap s, channel c, filter f. A filter whose weights take
// several slots (the terms of a sum of powers of two, one shift a slot) has them one after the other. With
// psums_in each window ends with p slots in which the adder takes in the incoming psums and hands the sums
// on; without, the sums leave with the window's last products.
struct RowShape {
  int n = 1, p = 1, q = 1, taps = 1;
  int stride = 1, dilation = 1;
  int windows = 1;  // ofmap columns
  bool psums_in = false;
  int slots = 0;  // of the p filters together, for an ifmap word; 0: one each

  [[nodiscard]] int word_slots() const { return slots == 0 ? p : slots; }
  // A slot has its own word in the filter spad.
  [[nodiscard]] std::int64_t filter_words() const { return std::int64_t{word_slots()} * q * taps; }
  [[nodiscard]] std::int64_t macs() const { return std::int64_t{n} * windows * filter_words(); }
  friend auto operator<=>(const RowShape&, const RowShape&) = default;
};

// The ifmap columns that windows touch, ascending, as offsets from the first window's first tap. A column
// no window touches (stride > taps) is never sent.
[[nodiscard]] std::vector<int> touched_columns(const RowShape& shape);

// ifmap words one ifmap row brings to the PE.
[[nodiscard]] std::int64_t ifmap_words(const RowShape& shape);

// Words the ifmap spad must hold for the PE to make progress.
[[nodiscard]] int ifmap_spad_needed(const RowShape& shape);

// Where a PE's cycles went; they sum to `cycles`.
struct RowTiming {
  Cycles cycles;            // from the first filter beat to the last sum leaving the pipe
  Cycles products;          // slots that multiply (or are gated)
  Cycles psum_slots;        // slots that take in psums
  Cycles wait_weights;      // filter spad being filled
  Cycles wait_activations;  // the next ifmap word is not in the spad
  Cycles tail;              // the pipe empties
};

// Cycles of the work when every operand is ready: psums always at hand, outputs always taken, filter
// beats one a cycle, and ifmap word i (in order n, column, channel) at the PE's door in cycle arrival[i]
// (an empty span: cycle 0). The rules, cycle by cycle:
//   - filter beats fill the spad in cycles 0 .. ceil(filter_words / beat) - 1; slots start after that;
//   - one ifmap word a cycle moves from the door into the spad, in order, while the spad has room at the
//     start of the cycle; it can be read from the next cycle on;
//   - a slot needs its ifmap word in the spad, and follows the slot before it by at least one cycle;
//   - a word leaves the spad at the end of the slot after which no later slot needs it or any word before it;
//   - a slot's result is out `pipeline` cycles after the slot's cycle began.
[[nodiscard]] RowTiming time_row(const RowPe& pe, const RowShape& shape,
                                 std::span<const std::int64_t> arrival = {});

}  // namespace basil
