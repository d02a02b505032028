// Encoding `basis`: M shared basis kernels and ternary coefficients (PENNI, ESCALATE).
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/bits.h"
#include "traces/encodings/operand.h"

namespace basil {

// Values are `bases` kernels B[m] of rows x cols (int8). Coefficients are ternary: `bitmap` over
// outer x bases x depth (depth innermost), `signs` one bit for each set one, 1 for -1.
//   W[k, r, s, c] = sum over m of Ce[k, m, c] * B[m, r, s]
struct Basis {
  int bases = 0;  // M
  bits::Words bitmap, signs;
  friend bool operator==(const Basis&, const Basis&) = default;
};

extern const EncodingType basis_encoding;

namespace basis {

inline constexpr int max_bases = 64;

// Coefficients, -1, 0 or 1, order outer, bases, depth: all of them, and how many there are.
[[nodiscard]] std::vector<std::int16_t> coefficients(const Operand& operand);
[[nodiscard]] std::int64_t coefficient_count(const Operand& operand);
// Puts them into bitmap and signs.
void put_coefficients(const std::vector<std::int16_t>& coefficients, Basis& to);

}  // namespace basis

}  // namespace basil
