// What the flow of a pass (row_flow.h) is made of: the order of a row's words, who is due when, psums between
// PEs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dataflows/row_stationary/row_feed.h"
#include "dataflows/row_stationary/row_flow_shape.h"
#include "pe/row_stationary/row_pe.h"

namespace basil {

// The order in which an ifmap row's words are used, the same in every PE but for the channels: by window and
// tap the place of the column among the touched ones, and the column from which words are still needed then.
class ColumnOrder {
 public:
  explicit ColumnOrder(const RowFlowShape& shape) : taps_(shape.taps_x) {
    const RowShape row{.taps = shape.taps_x,
                       .stride = shape.stride_x,
                       .dilation = shape.dilation_x,
                       .windows = shape.windows};
    const std::vector<int> touched = touched_columns(row);
    columns_ = static_cast<int>(touched.size());
    const auto place = [&](int window, int tap) {
      const int column = window * shape.stride_x + tap * shape.dilation_x;
      return static_cast<int>(std::lower_bound(touched.begin(), touched.end(), column) - touched.begin());
    };
    for (int window = 0; window < shape.windows; ++window) {
      const int next_window = window + 1 < shape.windows ? place(window + 1, 0) : columns_;
      for (int tap = 0; tap < taps_; ++tap) {
        const int next = tap + 1 < taps_ ? place(window, tap + 1) : next_window;
        uses_.push_back({place(window, tap), std::min(next, next_window), next_window});
      }
    }
    find_even();
  }
  struct Use {
    int column;       // read
    int kept;         // after it: the first column that is needed again
    int next_window;  // where the next window begins
  };
  [[nodiscard]] const Use& use(int window, int tap) const {
    return uses_[static_cast<std::size_t>(window * taps_ + tap)];
  }
  [[nodiscard]] int columns() const { return columns_; }

  // The windows in the middle of a row, each of which uses its columns as the one before does, `step` later.
  struct Even {
    int from = 0, until = 0, step = 0;
  };
  [[nodiscard]] const Even& even() const { return even_; }

 private:
  // Does the window use its columns as the one before it does?
  [[nodiscard]] bool follows(int window, int step) const {
    for (int tap = 0; tap < taps_; ++tap) {
      const Use &before = use(window - 1, tap), &here = use(window, tap);
      if (here.column != before.column + step || here.kept != before.kept + step ||
          here.next_window != before.next_window + step)
        return false;
    }
    return true;
  }
  void find_even() {
    const int windows = static_cast<int>(uses_.size()) / taps_, middle = windows / 2;
    if (middle == 0) return;
    even_ = {.from = middle, .until = middle + 1, .step = use(middle, 0).column - use(middle - 1, 0).column};
    while (even_.from > 0 && follows(even_.from, even_.step)) --even_.from;
    while (even_.until < windows && follows(even_.until, even_.step)) ++even_.until;
  }

  int taps_, columns_ = 0;
  std::vector<Use> uses_;
  Even even_;
};

// Who is due when, a bit each: a ring of the coming cycles. Whoever is due later than it reaches is called in
// between and says so again.
class Calendar {
 public:
  explicit Calendar(std::int64_t parts)
      : words_(static_cast<std::size_t>(ceil_div(parts, 64))), due_(cycles * words_) {}

  void call(int part, FlowTime at, FlowTime now) {
    if (at == never_known) return;
    const FlowTime cycle = std::min(at, now + cycles - 1);
    due_[slot(cycle) + static_cast<std::size_t>(part) / 64] |= std::uint64_t{1} << (part % 64);
  }
  template <class Visit>
  void each_due(FlowTime now, Visit&& visit) {
    for (std::size_t word = 0; word < words_; ++word) {
      for (std::uint64_t left = std::exchange(due_[slot(now) + word], 0); left != 0; left &= left - 1)
        visit(static_cast<int>(word) * 64 + __builtin_ctzll(left));
    }
  }
  [[nodiscard]] FlowTime next(FlowTime now) const {
    for (FlowTime cycle = now + 1; cycle < now + cycles; ++cycle) {
      for (std::size_t word = 0; word < words_; ++word) {
        if (due_[slot(cycle) + word] != 0) return cycle;
      }
    }
    return never_known;
  }
  // All the calls, from the coming cycle on.
  template <class Visit>
  void each_word(FlowTime now, Visit&& visit) const {
    for (FlowTime cycle = now + 1; cycle < now + cycles; ++cycle) {
      for (std::size_t word = 0; word < words_; ++word) visit(due_[slot(cycle) + word]);
    }
  }
  // All of them so many cycles later.
  void delay(FlowTime by) {
    const auto places = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(by % cycles) * words_);
    std::rotate(due_.begin(), due_.end() - places, due_.end());
  }

 private:
  static constexpr FlowTime cycles = 64;
  [[nodiscard]] std::size_t slot(FlowTime cycle) const {
    return static_cast<std::size_t>(cycle % cycles) * words_;
  }
  std::size_t words_;
  std::vector<std::uint64_t> due_;
};

// Results of a PE on their way to whoever takes them: at most `depth` are issued and not yet taken.
class Results {
 public:
  // `issued_at`: `depth` places.
  Results(FlowTime* issued_at, int depth) : issued_at_(issued_at), depth_(depth) {}

  // From when on another may be issued; `never_known` as far as is known.
  [[nodiscard]] FlowTime room_at() const {
    if (count_ == depth_) return never_known;
    return count_ + taken_last_ < depth_ ? 0 : taken_at_ + 1;  // a place is free from the next cycle on
  }
  void issue(FlowTime now) { issued_at_[place(count_++)] = now; }
  // When the `ahead`th result not yet taken can be taken.
  [[nodiscard]] FlowTime ready_at(int pipeline, int ahead = 0) const {
    return ahead < count_ ? issued_at_[place(ahead)] + pipeline : never_known;
  }
  // Returns whether there was no room before.
  bool take(FlowTime now) {
    const bool full = count_ == depth_;
    taken_last_ = taken_at_ == now ? taken_last_ + 1 : 1;
    taken_at_ = now;
    head_ = place(1);
    --count_;
    return full;
  }
  // What decides over the coming cycles: results that are ready are alike.
  template <class Visit>
  void each_word(FlowTime now, int pipeline, Visit&& visit) const {
    visit(count_);
    visit(taken_at_ == now ? taken_last_ : 0);
    for (int i = 0; i < count_; ++i) visit(std::max(issued_at_[place(i)] - now, -pipeline));
  }
  void delay(FlowTime by) {
    for (int i = 0; i < count_; ++i) issued_at_[place(i)] += by;
    taken_at_ += by;
  }

 private:
  [[nodiscard]] int place(int offset) const {
    const int at = head_ + offset;
    return at < depth_ ? at : at - depth_;
  }
  FlowTime* issued_at_;
  int depth_, head_ = 0, count_ = 0;
  FlowTime taken_at_ = -1;
  int taken_last_ = 0;  // in cycle taken_at_
};

}  // namespace basil
