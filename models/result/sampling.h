// Estimates from a part of a layer's passes, and how far off they may be.
#pragma once

#include <cstdint>

namespace basil {

// Which part of each layer's passes to simulate.
struct SampleOptions {
  double fraction = 1;  // above 0, at most 1
  std::uint64_t seed = 1;
};

// The spread of an estimated sum. Independent parts add up, their degrees of freedom as Welch and
// Satterthwaite do (Biometrics Bulletin 2, 1946): df = (sum of variances)^2 / sum of (variance^2 / df).
struct Spread {
  double variance = 0;
  double degrees = 0;  // of freedom; 0 where nothing spreads

  Spread& operator+=(const Spread& other);
  // Of the two-sided 95 % interval by Student's t; 0 where nothing was estimated.
  [[nodiscard]] double half_width() const;
};

// What of a layer was simulated, and the spread of what follows from it.
struct SampledPart {
  std::int64_t passes = 0;  // simulated
  Spread cycles, energy_pj;
};

struct Interval {
  double low = 0, high = 0;
};
// Nothing sampled is below 0.
[[nodiscard]] Interval interval(double estimate, const Spread& spread);

}  // namespace basil
