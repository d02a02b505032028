// Transaction-level time of one pass on a row-stationary array, from the time of its latest PE.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "core/units.h"
#include "dataflows/row_stationary.h"
#include "pe/activity.h"
#include "pe/pass.h"

namespace basil {

// A pass on the array when buffer and buses keep up: how long it takes and what its parts are.
struct RowPassTiming {
  Cycles cycles;
  Cycles filter_load;       // filter beats, one PE row after another
  Cycles wait_activations;  // of the latest PE, once its filters are there
  Cycles chain;  // psums climbing the column after the latest PE's last slot, and the pipe emptying
  Cycles bus;    // beyond all that, because the psum buses are narrower than the columns need
  std::int64_t ifmap_words = 0;  // on the ifmap bus, padding included
  std::int64_t psum_slots = 0;   // PE-cycles in which an adder takes in a psum, over the array
  Activity activity;             // events of the pass; products and gating are added by the values
};

// Times passes of one layer. Data cannot matter to a dense array, so passes of the same extent are timed
// once.
//
//   cycles = filter beats + slots and stalls of the PE that the ifmap bus serves last + the climb of its
//            psums through the column, or the psum buses' beats where those are more.
// Left out, and seen at cycle fidelity: full FIFOs holding up the ifmap bus.
class RowTimer {
 public:
  // `slots`: of each filter's weights; empty for one each.
  RowTimer(const LayerShape& shape, const RowArray& array, std::vector<int> slots);

  [[nodiscard]] const RowPassTiming& time(const RowPass& pass);

 private:
  // n, filters, channels, taps_y, taps_x, rows, first, slots of each filter set
  using Extents = std::tuple<int, int, int, int, int, int, bool, std::vector<int>>;
  [[nodiscard]] std::vector<int> set_slots(const RowPass& pass) const;
  [[nodiscard]] RowPassTiming compute(const RowPass& pass) const;
  [[nodiscard]] RowShape share_of(const RowPass& pass, int channels, std::size_t channel_sets) const;
  [[nodiscard]] RowTiming served_last(const RowPass& pass, const std::vector<int>& channel_sets,
                                      std::size_t set, Cycles filter_load) const;
  void count_events(const RowPass& pass, RowPassTiming& timing) const;

  LayerShape shape_;
  RowArray array_;
  std::vector<int> slots_;
  std::map<Extents, RowPassTiming> known_;
};

}  // namespace basil
