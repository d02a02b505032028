// Queues in front of a PE's accumulator banks: how long they hold up the multipliers.
#pragma once

#include <cstdint>

namespace basil {

// What counts the products of a queue and of a step: int8_t as long as both together fit, since twice as many
// of them fit a vector register, else int16_t.
[[nodiscard]] constexpr bool fits_bytes(int depth, int products) { return depth + products <= 127; }

// Banks a kernel works on at a time; more are a power of two of it. Fewer banks are repeated to fill it.
inline constexpr int least_lanes = 32;

// Steps of PE after PE with one stream of weights: in each PE every vector of up to `vector` activations
// meets each weight vector, weights inner. The products that activation a makes with the first weight vector
// are counted by bank at counts + places[a]; those with the next vector 2 * lanes words further.
template <class Lane>
struct BankSteps {
  const Lane* counts = nullptr;
  const std::uint32_t* places = nullptr;  // of the activations of all PEs
  const int* activations = nullptr;       // of each PE
  int pes = 0;
  int vector = 1;
  int weight_vectors = 0;
  int lanes = least_lanes;
  int depth = 1;  // entries of a queue
};

// Adds to each PE's time the cycles of its steps, and brings `filled` up to date: products in each of its
// queues, `lanes` to a PE. In every cycle each bank first takes a product from its queue; then products of
// the step enter where there is room, and the next step starts once all have. So a step of h products for a
// bank whose queue then holds g stalls for max(0, g + h - depth) cycles at the most crowded bank, in which
// the bank takes as many. Returns the cycles stalled, of all PEs.
std::int64_t step_queues(const BankSteps<std::int8_t>& steps, std::int8_t* filled, std::int64_t* time);
std::int64_t step_queues(const BankSteps<std::int16_t>& steps, std::int16_t* filled, std::int64_t* time);

}  // namespace basil
