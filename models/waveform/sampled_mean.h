// A rate as a row of samples: what a run of any length looks like at one glance.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "core/units.h"

namespace basil {

// Work is told stretch after stretch in the order of time, spread evenly over each; a sample is its mean over
// `width` cycles, nothing told counting as none.
class SampledMean {
 public:
  using Show = std::function<void(Cycles from, double mean)>;
  SampledMean(Cycles width, Show show) : width_(std::max(Cycles(1), width)), show_(std::move(show)) {}

  void add(Cycles from, Cycles until, double work) {
    if (until <= from) return;
    const double a_cycle = work / static_cast<double>((until - from).value);
    pass(from);
    for (Cycles at = std::max(from, start_); at < until;) {
      const Cycles end = std::min(until, start_ + width_);
      sum_ += a_cycle * static_cast<double>((end - at).value);
      pass(at = end);
    }
  }
  // The samples that end by then.
  void pass(Cycles time) {
    while (start_ + width_ <= time) show(start_ + width_);
  }
  // The sample under way ends here, however short.
  void end(Cycles time) {
    pass(time);
    if (time > start_) show(time);
  }
  // Of the first sample that is not shown.
  [[nodiscard]] Cycles start() const { return start_; }

 private:
  void show(Cycles end) {
    show_(start_, sum_ / static_cast<double>((end - start_).value));
    start_ = end;
    sum_ = 0;
  }

  Cycles width_;
  Show show_;
  Cycles start_;
  double sum_ = 0;
};

}  // namespace basil
