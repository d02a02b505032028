// What each encoding does to a payload: pack, unpack, check, and the bits it adds to the values.
// T is std::int16_t (integers) or float (fp32). Used by operand.cpp and slice.cpp only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/encodings/operand.h"

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

// Bits set among the first `count`.
[[nodiscard]] std::int64_t set_before(const std::vector<std::uint64_t>& bits, std::int64_t count);

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

// The encodings of weights alone. `unpack` fills one element a position, which holds zeros. `bits_before`:
// what the filters before `filter` take; parts that belong to no filter count with the first.
namespace power_of_two {

// The weight a code stands for.
[[nodiscard]] constexpr int value_of(int code) {
  return code == 0 ? 0 : (code < 0 ? -1 : 1) * (1 << ((code < 0 ? -code : code) - 1));
}
inline constexpr int greatest_code = 7;  // 2^6
inline constexpr int greatest_terms = 2;
inline constexpr int bits_a_term = 4, bits_of_terms = 2;  // a filter states its number of terms

void unpack(const Operand& from, std::vector<std::int16_t>& dense);
void check(const Operand& operand, const std::string& where);
// Codes before each filter, and of all.
[[nodiscard]] std::vector<std::int64_t> starts(const Operand& operand);
[[nodiscard]] std::int64_t bits_before(const Operand& operand, int filter);

}  // namespace power_of_two

namespace basis {

inline constexpr int greatest_bases = 64;

void unpack(const Operand& from, std::vector<std::int16_t>& dense);
void check(const Operand& operand, const std::string& where);
[[nodiscard]] std::int64_t bits_before(const Operand& operand, int filter);
// Ternary coefficients, -1, 0 or 1, order outer, bases, depth.
[[nodiscard]] std::vector<std::int16_t> coefficients(const Operand& operand);
[[nodiscard]] constexpr std::int64_t coefficient_count(const Operand& operand) {
  return std::int64_t{operand.extent.outer} * operand.bases * operand.extent.depth;
}

}  // namespace basis

namespace comparator {

inline constexpr int greatest_taps = 7;  // so that a code word stays below 2^7

// The pointwise weights at the pivots' places, zero elsewhere.
void unpack(const Operand& from, std::vector<std::int16_t>& dense);
void check(const Operand& operand, const std::string& where);
[[nodiscard]] std::int64_t bits_before(const Operand& operand, int filter);

}  // namespace comparator

namespace binary {

void unpack(const Operand& from, std::vector<std::int16_t>& dense);
void check(const Operand& operand, const std::string& where);
[[nodiscard]] std::int64_t bits_before(const Operand& operand, int filter);

}  // namespace binary
}  // namespace basil
