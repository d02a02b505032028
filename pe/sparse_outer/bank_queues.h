// Queues in front of a PE's accumulator banks: how long they hold up the multipliers.
#pragma once

#include <cstdint>

namespace basil {

// Banks a kernel works on at a time; more are a power of two of it. Fewer banks are repeated to fill it.
inline constexpr int least_lanes = 32;

// Steps of one PE: each vector of up to `vector` activations meets each of `weight_vectors`, weights inner.
// counts[a] points to the products that activation a makes with the first weight vector, by bank; those with
// the next vector lie 2 * lanes words further.
struct BankSteps {
  const std::int16_t* const* counts = nullptr;
  int activations = 0, vector = 1;
  int weight_vectors = 0;
  int lanes = least_lanes;
  int depth = 1;  // entries of a queue
};

// Cycles that the steps stall, and `filled` (products in each queue) brought up to date. In every cycle each
// bank first takes a product from its queue; then products of the step enter where there is room, and the
// next step starts once all have. So a step of h products for a bank whose queue then holds g stalls for
// max(0, g + h - depth) cycles at the most crowded bank, in which the bank takes as many.
[[nodiscard]] std::int64_t stall_cycles(const BankSteps& steps, std::int16_t* filled);

}  // namespace basil
