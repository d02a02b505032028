#include "pe/sparse_outer/bank_queues.h"

#include <algorithm>

#include "core/vectorised.h"

namespace basil {
namespace {

// `Count` activations at once where it is known beforehand (0: not).
template <int Lanes, int Count>
[[gnu::always_inline]] inline std::int64_t meet(const std::uint16_t* const* counts, int activations,
                                                const BankSteps& steps, std::uint16_t* filled) {
  std::int64_t stalls = 0;
  std::uint16_t now[Lanes];
  for (int b = 0; b < Lanes; ++b) now[b] = filled[b];
  std::int64_t at = 0;
  for (int v = 0; v < steps.weight_vectors; ++v, at += 2 * Lanes) {
    for (int b = 0; b < Lanes; ++b) now[b] = static_cast<std::uint16_t>(now[b] - (now[b] > 0 ? 1 : 0));
    for (int a = 0; a < (Count > 0 ? Count : activations); ++a) {
      const std::uint16_t* more = counts[a] + at;
      for (int b = 0; b < Lanes; ++b) now[b] = static_cast<std::uint16_t>(now[b] + more[b]);
    }
    std::uint16_t fullest = 0;
    for (int b = 0; b < Lanes; ++b) fullest = std::max(fullest, now[b]);
    if (fullest > steps.depth) {
      const auto wait = static_cast<std::uint16_t>(fullest - steps.depth);
      for (int b = 0; b < Lanes; ++b) now[b] = static_cast<std::uint16_t>(now[b] - std::min(now[b], wait));
      stalls += wait;
    }
  }
  for (int b = 0; b < Lanes; ++b) filled[b] = now[b];
  return stalls;
}

template <int Lanes>
[[gnu::always_inline]] inline std::int64_t walk(const BankSteps& steps, std::uint16_t* filled) {
  std::int64_t stalls = 0;
  for (int first = 0; first < steps.activations; first += steps.vector) {
    const int count = std::min(steps.vector, steps.activations - first);
    const std::uint16_t* const* counts = steps.counts + first;
    stalls +=
        count == 4 ? meet<Lanes, 4>(counts, 4, steps, filled) : meet<Lanes, 0>(counts, count, steps, filled);
  }
  return stalls;
}

}  // namespace

BASIL_VECTORISED
std::int64_t stall_cycles(const BankSteps& steps, std::uint16_t* filled) {
  switch (steps.lanes) {
    case 32:
      return walk<32>(steps, filled);
    case 64:
      return walk<64>(steps, filled);
    case 128:
      return walk<128>(steps, filled);
    default:
      return walk<256>(steps, filled);
  }
}

}  // namespace basil
