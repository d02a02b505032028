// Encoding `comparator`: taps compared with a pivot, then a pointwise stage of signed powers of two.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil {

// There is no W: for each channel, offsets[channel * (taps + 1)] is the pivot's place in the window
// (row * cols + col) and the next `taps` are those compared with it; values (codes of power_of_two.h, int4)
// are outer x depth weights of the pointwise stage.
//   U[c] = sum over j of 2^j * [I[c, tap j] > I[c, pivot]],  O[k] = sum over c of w[k, c] * U[c]
// It decodes to the pointwise weights at the pivots' places, zero elsewhere.
struct Comparator {
  int taps = 0;
  std::vector<std::uint8_t> offsets;
  friend bool operator==(const Comparator&, const Comparator&) = default;
};

extern const EncodingType comparator_encoding;

namespace comparator {

inline constexpr int max_taps = 7;      // so that a code word stays below 2^7
inline constexpr int max_window = 256;  // places that an offset can name

}  // namespace comparator

}  // namespace basil
