// When the stores of an array let a pass's work begin and end: the one rule by which every array gets its
// operands and gives its sums.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/cycle_account.h"
#include "core/units.h"

namespace basil {

// One operand's store in an array, pass after pass of a layer. A slice's first fill must be there before the
// pass's work begins; what is more than the store holds follows under the work. The next slice's first fill
// may come, if the store is doubled, as soon as the work has begun and the last of this slice has come: then
// a half is free. If it is not, it comes when the next pass starts, and the array waits. Cycles are absolute.
class OperandStore {
 public:
  struct Fill {
    Cycles complete;
    Cycles late;  // of that, by a network on the way
  };

  explicit OperandStore(bool doubled) : doubled_(doubled) {}

  // Empty, from then on.
  void empty(Cycles now) {
    free_ = now;
    filled_.reset();
  }
  [[nodiscard]] bool doubled() const { return doubled_; }
  // A half is free from then on.
  [[nodiscard]] Cycles free() const { return free_; }
  void fill(Cycles complete, Cycles late) { filled_ = Fill{complete, late}; }
  // The first fill of the slice to come, once it is on its way.
  [[nodiscard]] const std::optional<Fill>& filled() const { return filled_; }
  // The work on that slice begins, and its last words come at `last`.
  void use(Cycles begin, Cycles last) {
    filled_.reset();
    free_ = std::max(begin, last);
  }

 private:
  bool doubled_;
  Cycles free_;
  std::optional<Fill> filled_;
};

// The sums' store. What a pass leaves in it drains once its work is over: under the next pass's work where
// the store is doubled, whose own sums then go to the other half; else the array waits.
class SumStore {
 public:
  explicit SumStore(bool doubled) : doubled_(doubled) {}

  void empty(Cycles now) { drained_ = before_ = now; }
  [[nodiscard]] bool doubled() const { return doubled_; }
  // Work may begin from then on.
  [[nodiscard]] Cycles free() const { return doubled_ ? before_ : drained_; }
  // The last pass's sums are out.
  [[nodiscard]] Cycles drained() const { return drained_; }
  void drain(Cycles complete) {
    before_ = drained_;
    drained_ = complete;
  }

 private:
  bool doubled_;
  Cycles drained_, before_;  // of the last pass, of the one before
};

// What the array waits for, one after another: cycle by cycle, the first of them that is not there yet.
class Waits {
 public:
  explicit Waits(Cycles from = Cycles(0)) : until_(from) {}

  // Part of what is waited for because of `bin` may be a network's: `late` of it.
  void wait(Bin bin, Cycles until, Cycles late = Cycles(0)) {
    const Cycles more = std::max(Cycles(0), until - until_);
    const Cycles network = std::min(more, late);
    cycles_[static_cast<std::size_t>(bin)] += (more - network).value;
    cycles_[static_cast<std::size_t>(Bin::noc)] += network.value;
    until_ += more;
  }
  [[nodiscard]] Cycles until() const { return until_; }
  void add_to(CycleAccount& account, std::int64_t pes) const {
    for (std::size_t bin = 0; bin < bin_count; ++bin) account.add(static_cast<Bin>(bin), pes * cycles_[bin]);
  }

 private:
  Cycles until_;
  std::array<std::int64_t, bin_count> cycles_{};
};

}  // namespace basil
