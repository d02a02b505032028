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
    std::int16_t filled[Parts * queues_a_part];
    std::memcpy(filled, parts, sizeof filled);
    std::int16_t fullest = 0;
    for (const std::int16_t count : filled) fullest = std::max(fullest, count);
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
[[gnu::always_inline]] inline std::int64_t meet(const BankSteps& steps, const std::uint32_t* places,
                                                int count, Queues<Parts>& queues) {
  std::int64_t stalls = 0;
  const std::int16_t* counts = steps.counts;
  for (int v = 0; v < steps.weight_vectors; ++v, counts += 2 * Parts * queues_a_part) {
    Part over{};
    for (int i = 0; i < Parts; ++i) {
      Part more{};
      for (int a = 0; a < (Count > 0 ? Count : count); ++a) add(more, counts + places[a] + i * queues_a_part);
      Part& part = queues.parts[i];
      part += part > 0;
      part += more;
      over |= part > static_cast<std::int16_t>(steps.depth);
    }
    if (any(over)) stalls += queues.settle(steps.depth);
  }
  return stalls;
}

template <int Parts>
[[gnu::always_inline]] inline std::int64_t walk(const BankSteps& steps, std::int16_t* filled,
                                                std::int64_t* time) {
  std::int64_t all_stalls = 0;
  const std::uint32_t* places = steps.places;
  for (int pe = 0; pe < steps.pes; ++pe, filled += Parts * queues_a_part) {
    if (steps.activations[pe] == 0) continue;
    Queues<Parts> queues;
    std::memcpy(queues.parts, filled, sizeof queues.parts);
    std::int64_t cycles = 0, stalls = 0;
    for (int left = steps.activations[pe]; left > 0; left -= steps.vector) {
      const int count = std::min(steps.vector, left);
      stalls += count == 4   ? meet<Parts, 4>(steps, places, count, queues)
                : count == 1 ? meet<Parts, 1>(steps, places, count, queues)
                             : meet<Parts, 0>(steps, places, count, queues);
      places += count;
      cycles += steps.weight_vectors;
    }
    std::memcpy(filled, queues.parts, sizeof queues.parts);
    time[pe] += cycles + stalls;
    all_stalls += stalls;
  }
  return all_stalls;
}

}  // namespace

BASIL_VECTORISED
std::int64_t step_queues(const BankSteps& steps, std::int16_t* filled, std::int64_t* time) {
  switch (steps.lanes / queues_a_part) {
    case 2:
      return walk<2>(steps, filled, time);
    case 4:
      return walk<4>(steps, filled, time);
    case 8:
      return walk<8>(steps, filled, time);
    default:
      return walk<16>(steps, filled, time);
  }
}

}  // namespace basil
