#include "pe/sparse_outer/bank_queues.h"

#include <algorithm>
#include <cstring>

#include "core/vectorised.h"

namespace basil {
namespace {

// Sixteen queues side by side; a comparison gives -1 where it holds. The compiler maps it to the machine's
// registers: left to itself, it does not vectorise across the short loops below.
constexpr int queues_a_part = 16;
using Part [[gnu::vector_size(2 * queues_a_part)]] = std::int16_t;

[[gnu::always_inline]] inline void add(Part& part, const std::int16_t* from) {
  Part more;
  std::memcpy(&more, from, sizeof more);
  part += more;
}

[[gnu::always_inline]] inline bool any(const Part& part) {
  std::uint64_t words[4];
  std::memcpy(words, &part, sizeof words);
  return (words[0] | words[1] | words[2] | words[3]) != 0;
}

// The queues of a PE.
template <int Parts>
struct Queues {
  Part parts[Parts];

  // Cycles by which the fullest exceeds the depth, in which every bank takes a product a cycle.
  [[gnu::always_inline]] std::int64_t settle(int depth) {
    std::int16_t fullest = 0;
    for (const Part& part : parts) {
      for (int b = 0; b < queues_a_part; ++b) fullest = std::max<std::int16_t>(fullest, part[b]);
    }
    const auto wait = static_cast<std::int16_t>(fullest - depth);
    for (Part& part : parts) {
      part -= wait;
      part &= part > 0;
    }
    return wait;
  }
};

// An activation vector of `Count` words (0: of any number, `count`) meets all weight vectors.
template <int Parts, int Count>
[[gnu::always_inline]] inline std::int64_t meet(const BankSteps& steps, const std::int16_t* const* counts,
                                                int count, Queues<Parts>& queues) {
  std::int64_t stalls = 0, at = 0;
  for (int v = 0; v < steps.weight_vectors; ++v, at += 2 * Parts * queues_a_part) {
    Part over{};
    for (int i = 0; i < Parts; ++i) {
      Part part = queues.parts[i];
      part += part > 0;
      for (int a = 0; a < (Count > 0 ? Count : count); ++a) add(part, counts[a] + at + i * queues_a_part);
      queues.parts[i] = part;
      over |= part > static_cast<std::int16_t>(steps.depth);
    }
    if (any(over)) stalls += queues.settle(steps.depth);
  }
  return stalls;
}

template <int Parts>
[[gnu::always_inline]] inline std::int64_t walk(const BankSteps& steps, std::int16_t* filled) {
  Queues<Parts> queues;
  std::memcpy(queues.parts, filled, sizeof queues.parts);
  std::int64_t stalls = 0;
  for (int first = 0; first < steps.activations; first += steps.vector) {
    const int count = std::min(steps.vector, steps.activations - first);
    const std::int16_t* const* counts = steps.counts + first;
    stalls += count == 4 ? meet<Parts, 4>(steps, counts, count, queues)
                         : meet<Parts, 0>(steps, counts, count, queues);
  }
  std::memcpy(filled, queues.parts, sizeof queues.parts);
  return stalls;
}

}  // namespace

BASIL_VECTORISED
std::int64_t stall_cycles(const BankSteps& steps, std::int16_t* filled) {
  switch (steps.lanes / queues_a_part) {
    case 2:
      return walk<2>(steps, filled);
    case 4:
      return walk<4>(steps, filled);
    case 8:
      return walk<8>(steps, filled);
    default:
      return walk<16>(steps, filled);
  }
}

}  // namespace basil
