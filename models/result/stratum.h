// Blocks alike of a sampled layer, and how far off the sum of what they take may be.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/result/sampling.h"

namespace basil {

// Mean and sum of squares about it, as values come (Welford, Technometrics 4, 1962).
struct Moments {
  std::int64_t count = 0;
  double mean = 0, squares = 0;

  void add(double value) {
    ++count;
    const double off = value - mean;
    mean += off / static_cast<double>(count);
    squares += off * (value - mean);
  }
};

// A stratum's blocks: how many, and what those computed stand for.
struct Stratum {
  std::int64_t blocks = 0;
  double squared_uses = 0;
  Moments work;  // that all its blocks promise
  Moments cycles, energy;

  // A computed block, for so many others.
  void stands_in_for(std::int64_t uses) { squared_uses += static_cast<double>(uses * uses); }

  // Variance of a block's cost: of those computed, or as much of the mean as the promised work of all blocks
  // varies, whichever is more. A few draws that happen to be alike do not make a stratum even.
  [[nodiscard]] double block_variance(const Moments& moments) const {
    const double found = moments.squares / static_cast<double>(moments.count - 1);
    if (work.count < 2 || work.mean <= 0) return found;
    const double promised = work.squares / static_cast<double>(work.count - 1) / (work.mean * work.mean);
    return std::max(found, promised * moments.mean * moments.mean);
  }

  // The estimate is the sum of computed blocks, each 1 + uses times; of blocks that vary alike its error has
  // the variance s^2 (sum of uses^2 + blocks not computed), N^2 (1 - n/N) s^2 / n where all have as many
  // uses.
  // s^2 is taken over the stratum, though a strip of it varies less: the interval is rather too wide.
  [[nodiscard]] Spread spread(const Moments& moments) const {
    const double each = moments.count == blocks ? 0 : block_variance(moments);
    if (each == 0) return {};
    const double variance = each * (squared_uses + static_cast<double>(blocks - moments.count));
    return {.variance = variance, .degrees = static_cast<double>(moments.count - 1)};
  }
};

}  // namespace basil
