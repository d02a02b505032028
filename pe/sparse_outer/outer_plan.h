// Where the work of a sparse outer-product array lies: planar tiles of the ifmap, their accumulators and
// halos, stride phases, and the rounds of a pass (SCNN, ISCA 2017, section 3). No timing.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/planar/planar_grid.h"
#include "pe/unit.h"
#include "traces/shape.h"

namespace basil {

// The unit's keys, and the PEs of the array.
struct OuterMachine {
  explicit OuterMachine(const UnitParameters& parameters);

  int pes, grid_cols;
  int ifmap_vector, weight_vector;  // I and F
  int banks, bank_words, queue;     // of a PE's accumulators
  int group, halo_words;
  bool skip_ifmap, skip_weights;
  int word_bits;  // of an ifmap word or weight with its index
  OperandDelivery delivery;

  [[nodiscard]] int multipliers() const { return ifmap_vector * weight_vector; }  // of a PE
  [[nodiscard]] std::int64_t accumulators() const { return std::int64_t{banks} * bank_words; }
};

// What a PE holds. A PE multiplies all of its ifmap tile, so its psums reach beyond the ofmap tile it owns:
// those it does not own are its halo.
struct OuterTile {
  Range in_rows, in_cols;     // of the ifmap
  int first_row, first_col;   // ofmap pixel of accumulator (0, 0); may lie outside of the plane
  Range rows, cols;           // ofmap rows and columns that its accumulators hold, those in the plane
  Range own_rows, own_cols;   // ofmap pixels it hands over in the end
  std::int64_t halo = 0;      // psums a filter to give away
  std::int64_t finished = 0;  // psums a filter that it hands over
};

// A band of ofmap rows and the ifmap plane behind it.
struct OuterPlane {
  Range rows;              // of the ofmap
  Range in_rows, in_cols;  // of the ifmap; empty where all windows lie on padding
  PlanarGrid grid;
  int acc_rows = 0, acc_cols = 0;  // accumulators of a tile and filter, halo included
  int channel_group = 1;           // Kc: filters that a PE accumulates together
  std::vector<OuterTile> tiles;

  [[nodiscard]] std::int64_t region() const { return std::int64_t{acc_rows} * acc_cols; }
  [[nodiscard]] std::int64_t in_pixels() const { return std::int64_t{in_rows.size()} * in_cols.size(); }
};

[[nodiscard]] OuterPlane lay_out(const LayerShape& shape, const OuterMachine& machine, Range rows);

// A filter's accumulators for these ofmap rows fit a PE.
[[nodiscard]] bool fits(const LayerShape& shape, const OuterMachine& machine, Range rows);
// The rows of a pass in bands that fit, as few as halving gives.
[[nodiscard]] std::vector<Range> bands(const LayerShape& shape, const OuterMachine& machine, Range rows);

// The filters of a pass in rounds: between two barriers every set takes its share of at most Kc filters.
[[nodiscard]] std::vector<Range> rounds(const OuterPlane& plane, Range filters);

// With a stride, only some activations meet a tap on an ofmap pixel's grid: those whose row and column,
// modulo the stride, are the tap's. Phases that no tap has are left out; their activations are never
// multiplied.
class StridePhases {
 public:
  explicit StridePhases(const LayerShape& shape);

  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int of_tap(int r, int s) const;
  [[nodiscard]] int of_pixel(int y, int x) const;  // of the ifmap; -1: none

 private:
  const LayerShape& shape_;
  int count_ = 0;
  std::vector<int> phase_;  // by row and column modulo the stride; -1: none
};

}  // namespace basil
