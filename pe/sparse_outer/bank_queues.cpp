#include "pe/sparse_outer/bank_queues.h"

#include <algorithm>
#include <cstring>

#include "core/vectorised.h"

namespace basil {
namespace {

// Queues side by side; a comparison gives -1 where it holds. The compiler maps a part to the machine's
// registers: left to itself, it does not vectorise across the short loops below.
constexpr int part_bytes = 32;
template <class Lane>
struct LanesOf;
template <>
struct LanesOf<std::int8_t> {
  using Type [[gnu::vector_size(part_bytes)]] = std::int8_t;
};
template <>
struct LanesOf<std::int16_t> {
  using Type [[gnu::vector_size(part_bytes)]] = std::int16_t;
};
template <class Lane>
using Lanes = typename LanesOf<Lane>::Type;
template <class Lane>
constexpr int queues_a_part = part_bytes / static_cast<int>(sizeof(Lane));

template <class Lane>
[[gnu::always_inline]] inline void add(Lanes<Lane>& part, const Lane* from) {
  Lanes<Lane> more;
  std::memcpy(&more, from, sizeof more);
  part += more;
}

[[gnu::always_inline]] inline bool any(const auto& part) {
  std::uint64_t words[part_bytes / sizeof(std::uint64_t)];
  std::memcpy(words, &part, sizeof words);
  return (words[0] | words[1] | words[2] | words[3]) != 0;
}

// The queues of a PE.
template <class Lane, int Parts>
struct Queues {
  Lanes<Lane> parts[Parts];

  // Cycles by which the fullest exceeds the depth, in which every bank takes a product a cycle.
  [[gnu::always_inline]] std::int64_t settle(int depth) {
    Lane filled[Parts * queues_a_part<Lane>];
    std::memcpy(filled, parts, sizeof filled);
    Lane fullest = 0;
    for (const Lane count : filled) fullest = std::max(fullest, count);
    const auto wait = static_cast<Lane>(fullest - depth);
    for (Lanes<Lane>& part : parts) {
      part -= wait;
      part &= part > 0;
    }
    return wait;
  }
};

// An activation vector of `Count` words (0: of any number, `count`) meets all weight vectors.
template <class Lane, int Parts, int Count>
[[gnu::always_inline]] inline std::int64_t meet(const BankSteps<Lane>& steps, const std::uint32_t* places,
                                                int count, Queues<Lane, Parts>& queues) {
  std::int64_t stalls = 0;
  const Lane* counts = steps.counts;
  for (int v = 0; v < steps.weight_vectors; ++v, counts += 2 * Parts * queues_a_part<Lane>) {
    Lanes<Lane> over{};
    for (int i = 0; i < Parts; ++i) {
      Lanes<Lane> more{};
      for (int a = 0; a < (Count > 0 ? Count : count); ++a)
        add<Lane>(more, counts + places[a] + i * queues_a_part<Lane>);
      Lanes<Lane>& part = queues.parts[i];
      part += part > 0;
      part += more;
      over |= part > static_cast<Lane>(steps.depth);
    }
    if (any(over)) stalls += queues.settle(steps.depth);
  }
  return stalls;
}

template <int Lanes, class Lane>
[[gnu::always_inline]] inline std::int64_t walk(const BankSteps<Lane>& steps, Lane* filled,
                                                std::int64_t* time) {
  constexpr int parts = Lanes / queues_a_part<Lane>;
  std::int64_t all_stalls = 0;
  const std::uint32_t* places = steps.places;
  for (int pe = 0; pe < steps.pes; ++pe, filled += Lanes) {
    if (steps.activations[pe] == 0) continue;
    Queues<Lane, parts> queues;
    std::memcpy(queues.parts, filled, sizeof queues.parts);
    std::int64_t cycles = 0, stalls = 0;
    for (int left = steps.activations[pe]; left > 0; left -= steps.vector) {
      const int count = std::min(steps.vector, left);
      stalls += count == 4   ? meet<Lane, parts, 4>(steps, places, count, queues)
                : count == 1 ? meet<Lane, parts, 1>(steps, places, count, queues)
                             : meet<Lane, parts, 0>(steps, places, count, queues);
      places += count;
      cycles += steps.weight_vectors;
    }
    std::memcpy(filled, queues.parts, sizeof queues.parts);
    time[pe] += cycles + stalls;
    all_stalls += stalls;
  }
  return all_stalls;
}

template <class Lane>
[[gnu::always_inline]] inline std::int64_t walk_lanes(const BankSteps<Lane>& steps, Lane* filled,
                                                      std::int64_t* time) {
  switch (steps.lanes) {
    case 32:
      return walk<32>(steps, filled, time);
    case 64:
      return walk<64>(steps, filled, time);
    case 128:
      return walk<128>(steps, filled, time);
    default:
      return walk<256>(steps, filled, time);
  }
}

}  // namespace

BASIL_VECTORISED
std::int64_t step_queues(const BankSteps<std::int8_t>& steps, std::int8_t* filled, std::int64_t* time) {
  return walk_lanes(steps, filled, time);
}

BASIL_VECTORISED
std::int64_t step_queues(const BankSteps<std::int16_t>& steps, std::int16_t* filled, std::int64_t* time) {
  return walk_lanes(steps, filled, time);
}

}  // namespace basil
