// A clocked row-stationary array that draws its operands itself.
#pragma once

#include "dataflows/row_stationary/row_block.h"
#include "dataflows/row_stationary/row_timing.h"

namespace basil {

// Of an array that draws its operands itself, a cycle after the other: what it may draw and give is offered
// after a clock edge and taken at the next one.
class RowDrawing {
 public:
  virtual ~RowDrawing() = default;
  virtual void step(const RowWords& offered) = 0;           // one cycle, clock edge included
  [[nodiscard]] virtual const RowWords& moved() const = 0;  // in that cycle
  [[nodiscard]] virtual RowWords all_words() const = 0;     // of the pass
  // Filter beats and ifmap words among them that came under the pass before.
  [[nodiscard]] virtual RowWords words_ahead() const = 0;
  // The ifmap bus works; the filters are all in; every PE is done.
  [[nodiscard]] virtual bool draws_ifmap() const = 0;
  [[nodiscard]] virtual bool filters_loaded() const = 0;
  [[nodiscard]] virtual bool slots_over() const = 0;
  // The pass ends here; what sums are still leaving do so under the next one.
  virtual void drain_under_next() = 0;
  // From their first to their last words.
  [[nodiscard]] virtual RowBuses buses() const = 0;
  // PEs that take a filter beat, and an ifmap word in the mean.
  [[nodiscard]] virtual std::int64_t filter_takers() const = 0;
  [[nodiscard]] virtual std::int64_t ifmap_takers() const = 0;
};

}  // namespace basil
