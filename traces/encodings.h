// What each encoding does to a payload: pack, unpack, check, and the bits it adds to the values.
// T is std::int16_t (integers) or float (fp32). Used by operand.cpp and slice.cpp only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/operand.h"

namespace basil {

// The payload that goes with T.
template <class T>
[[nodiscard]] inline const std::vector<T>& payload_of(const Operand& operand);
template <>
[[nodiscard]] inline const std::vector<std::int16_t>& payload_of(const Operand& operand) {
  return operand.values;
}
template <>
[[nodiscard]] inline const std::vector<float>& payload_of(const Operand& operand) {
  return operand.reals;
}

[[nodiscard]] inline std::int64_t payload_size(const Operand& operand) {
  return static_cast<std::int64_t>(operand.is_real() ? operand.reals.size() : operand.values.size());
}

namespace bitmap {

// Fills to.bitmap and returns the non-zeros.
template <class T>
[[nodiscard]] std::vector<T> pack(const std::vector<T>& dense, Operand& to);

// Scatters the payload into `dense`, which holds zeros, one element a position.
template <class T>
void unpack(const Operand& from, std::vector<T>& dense);

void check(const Operand& operand, const std::string& where);

// 64-bit words that hold one bit for each of `positions`.
[[nodiscard]] constexpr std::size_t words(std::int64_t positions) {
  return static_cast<std::size_t>(ceil_div(positions, 64));
}

}  // namespace bitmap

namespace run_length {

// Fills to.runs (to.run_bits is given) and returns the values of the pairs.
template <class T>
[[nodiscard]] std::vector<T> pack(const std::vector<T>& dense, Operand& to);

// Expands the pairs into `dense`, which holds zeros, one element a position.
template <class T>
void unpack(const Operand& from, std::vector<T>& dense);

void check(const Operand& operand, const std::string& where);

// The greatest run a pair can state.
[[nodiscard]] constexpr std::int64_t greatest_run(int run_bits) { return (std::int64_t{1} << run_bits) - 1; }

// Pairs that carry a non-zero after `zeros` zeros: a pair with the greatest run and value 0 stands
// for greatest_run + 1 zeros.
[[nodiscard]] constexpr std::int64_t pairs_for(std::int64_t zeros, int run_bits) {
  return (zeros >> run_bits) + 1;
}

}  // namespace run_length
}  // namespace basil
