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
  [[nodiscard]] Cycle look() const;
  // The clock edge after a cycle that was not stalled.
  void clock();

  [[nodiscard]] int terms() const;  // in the window
  // Rows that entered the window since the last call.
  [[nodiscard]] std::int64_t take_rows_read() { return std::exchange(rows_read_, 0); }

 private:
  using Row = std::vector<LaneTerm>;
  struct Next {
    Cycle cycle;
    std::vector<Row> rows;
    int passed = 0;  // empty leading rows
  };
  [[nodiscard]] Next next() const;
  [[nodiscard]] Row fed(int row);
  void give(Next& next, std::vector<char>& busy, std::size_t ahead, int distance) const;

  LaneWindow window_;
  Feed feed_;
  int rows_ = 0, head_ = 0;
  std::vector<Row> shown_;  // rows head, head + 1, ... of the stream
  std::int64_t rows_read_ = 0;
};

}  // namespace basil::basis_first
