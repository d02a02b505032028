// The golden executor: every layer run the plain way, the truth that units are held against.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/trace.h"

namespace basil {

// Sums of a layer (bias included), order N, P, Q, K with K innermost. Integers are exact.
struct Ofmap {
  int N = 0, P = 0, Q = 0, K = 0;
  std::vector<std::int64_t> sums;  // integer layers
  std::vector<double> reals;       // fp32 layers

  [[nodiscard]] std::size_t at(int n, int p, int q, int k) const {
    return ((static_cast<std::size_t>(n) * static_cast<std::size_t>(P) + static_cast<std::size_t>(p)) *
                static_cast<std::size_t>(Q) +
            static_cast<std::size_t>(q)) *
               static_cast<std::size_t>(K) +
           static_cast<std::size_t>(k);
  }
};

// Decodes the operands and runs the layer: a convolution with the decoded weights; of a comparator its two
// stages; of binary weights the convolution of ifmap words turned to +1 and -1 (padding is 0). The layer must
// be simulated() and checked.
[[nodiscard]] Ofmap run_golden(const Layer& layer);

// Upper bound on |a - b| between two fp32 evaluations of output (n,p,q,k) that add in different orders:
// 2 * g * sum of |products|, g = n u / (1 - n u) for n = reduction (and bias) terms and u = 2^-24, twice
// the bound of Higham, Accuracy and Stability, 2nd ed., eq. 3.5. Order as in Ofmap.
[[nodiscard]] std::vector<double> fp32_bound(const Layer& layer);

}  // namespace basil
