// The window of a slice and its lanes, clock by clock: dilution and concentration as design.h states them.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "pe/basis_first/design.h"

namespace basil::basis_first {

// What waits at a place of the window; weight 0 or activation 0: nothing.
struct LaneTerm {
  std::int64_t activation = 0;
  std::int64_t weight = 0;

  [[nodiscard]] bool effectual() const { return activation != 0 && weight != 0; }
};

class LaneWindowClocked {
 public:
  // The operands of a place of the stream, as they come from the stores.
  using Feed = std::function<LaneTerm(int row, int lane)>;

  explicit LaneWindowClocked(const LaneWindow& window);

  // A stream of `rows` (at least 1) begins; the window shows its first rows.
  void start(int rows, Feed feed);
  [[nodiscard]] bool done() const { return head_ == rows_; }

  // What happens in this cycle, unless the slice stalls.
  struct Cycle {
    std::vector<LaneTerm> taken;  // by the lanes that found a term
    bool ends = false;            // the stream
  };
  const Cycle& look();
  // The clock edge after a look() whose cycle was not stalled.
  void clock();

  [[nodiscard]] int terms() const;  // in the window
  // Rows that entered the window since the last call.
  [[nodiscard]] std::int64_t take_rows_read() { return std::exchange(rows_read_, 0); }

 private:
  void enter(int row);
  void give(int ahead, int distance);
  [[nodiscard]] bool empty(int ahead) const;

  LaneWindow window_;
  Feed feed_;
  int rows_ = 0, head_ = 0;
  int shown_rows_ = 0;
  std::vector<LaneTerm> shown_;  // rows head, head + 1, ... of the stream
  std::int64_t rows_read_ = 0;
  // Behind the lanes, for the next clock edge.
  Cycle cycle_;
  std::vector<LaneTerm> left_;  // what the lanes leave of the rows shown
  std::vector<char> busy_;      // lanes
  int passed_ = 0;              // empty leading rows of these
};

}  // namespace basil::basis_first
