// What a pass did on a basis_first array, event by event, and how that becomes its TileWork.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/design.h"
#include "pe/basis_first/tile_grid.h"
#include "traces/encodings/slice.h"

namespace basil::basis_first {

// Places of the parts in TileWork::uses. Stage 1's work is uses[ternary_adds].count: the effectual terms, sum
// over the pass's k, m, c and the ifmap pixels it uses of [Ce != 0][I != 0] (convolve first: over its ofmap
// values, of the intermediate value). The slice cycles that it took, stalls not counted, are
// uses[accumulators].count / 2: a window of one slice moved. On plain weights the same cycles are stage 2's.
enum PartIndex : std::size_t {
  ternary_adds,
  ternary_idle,  // lane cycles without a term
  products,      // of multipliers
  idle_slots,    // multiplier cycles without a product
  psum_adds,     // values added to psums: products, or the sums of slices; and slices' psums to each other
  accumulators,  // halves of 32-bit registers written
  coefficient_store,  // reads: rows of maps that enter a window, and words of plain weights
  row_store,          // reads, `lanes` wide: for all slices of a block at once
  queue_store,
  psum_store,
  lane_choices,      // of terms
  product_choices,   // of plain products
  window_registers,  // 16-bit pieces of activations written
  pixel_store,       // rows on their way to a window, with their maps
  psum_crossbar      // values on their way to a bank
};

[[nodiscard]] std::vector<Part> parts(const UnitParameters& parameters);

struct Events {
  std::int64_t cycles = 0;
  CycleAccount bins;
  std::int64_t terms = 0;         // added by stage 1
  std::int64_t walked = 0;        // slice cycles in which a window moved
  std::int64_t queued = 0;        // sums of stage 1
  std::int64_t summed = 0;        // values added to psums
  std::int64_t map_rows = 0;      // rows of coefficients or weight maps that entered a window
  std::int64_t row_reads = 0;     // words of the row stores
  std::int64_t weights_read = 0;  // plain ones

  // The last sums of `at_work` of the array's multipliers reach the psums, and the last rows are read out.
  void drain(std::int64_t drain_cycles, std::int64_t at_work, std::int64_t multipliers);
};

// Cycles in which a pass drains whose last row of work completed so many ofmap rows.
[[nodiscard]] std::int64_t drain_cycles(const Design& design, const LayerShape& shape, int rows);

// Turns the events of a pass into its work: adds what moves between buffers and array (operands in, sums out)
// and the filling and emptying of the stores, which follow from the pass alone.
class PassAccounts {
 public:
  // The layer must outlive this.
  PassAccounts(const Layer& layer, const Design& design);

  [[nodiscard]] TileWork work(const Events& events, const TilePass& pass) const;

 private:
  [[nodiscard]] std::int64_t ifmap_bits(const TilePass& pass, const TileGrid& grid) const;
  [[nodiscard]] std::int64_t filter_bits(Range filters) const;
  [[nodiscard]] std::int64_t coefficient_words(const TilePass& pass) const;
  [[nodiscard]] std::int64_t slices_used() const;
  [[nodiscard]] std::int64_t row_words(const TilePass& pass, const TileGrid& grid) const;
  void add_fills(const TilePass& pass, const TileGrid& grid, TileWork& work) const;

  const Layer& layer_;
  Design design_;
  SliceReader ifmap_, weights_;
  std::vector<std::int64_t> basis_bits_;  // before each filter; empty for plain weights
};

}  // namespace basil::basis_first
