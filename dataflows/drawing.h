// An array that draws its operands itself as it works, word by word, instead of having stores filled for it.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "core/units.h"

namespace basil {

// What came under the pass before, into the other halves of doubled stores: filter beats, and the cycles that
// the ifmap bus had.
struct PassAhead {
  std::int64_t filter_beats = 0, ifmap_cycles = 0;
  bool ifmap_early = false;  // its bus does not wait for the filters
  friend auto operator<=>(const PassAhead&, const PassAhead&) = default;
};

// Words of the array's four streams, of filters in beats: what their buffers offer or take in a cycle, what
// moved, or a pass's whole.
struct ArrayWords {
  std::int64_t filter_beats = 0, ifmap = 0, psums_in = 0, psums_out = 0;
  friend bool operator==(const ArrayWords&, const ArrayWords&) = default;
};

// Every operand is ready, every sum taken.
inline constexpr ArrayWords all_ready{
    std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max(),
    std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()};

// When a bus is busy, in cycles of the pass.
struct BusSpan {
  Cycles from, until;
};
struct ArrayBuses {
  BusSpan filter, ifmap, psum_in, psum_out;
};

// A clocked array that draws its operands, a cycle after the other: what it may draw and give is offered
// after a clock edge and taken at the next one.
class ClockedDrawing {
 public:
  virtual ~ClockedDrawing() = default;
  virtual void step(const ArrayWords& offered) = 0;           // one cycle, clock edge included
  [[nodiscard]] virtual const ArrayWords& moved() const = 0;  // in that cycle
  [[nodiscard]] virtual ArrayWords all_words() const = 0;     // of the pass
  // Filter beats and ifmap words among them that came under the pass before.
  [[nodiscard]] virtual ArrayWords words_ahead() const = 0;
  // The ifmap bus works; the filters are all in; every PE is done.
  [[nodiscard]] virtual bool draws_ifmap() const = 0;
  [[nodiscard]] virtual bool filters_loaded() const = 0;
  [[nodiscard]] virtual bool slots_over() const = 0;
  // The pass ends here; what sums are still leaving do so under the next one.
  virtual void drain_under_next() = 0;
  // From their first to their last words.
  [[nodiscard]] virtual ArrayBuses buses() const = 0;
  // PEs that take a filter beat, and an ifmap word in the mean.
  [[nodiscard]] virtual std::int64_t filter_takers() const = 0;
  [[nodiscard]] virtual std::int64_t ifmap_takers() const = 0;
};

}  // namespace basil
