// Encoding `run_length`: pairs of (zeros before, value).
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/encoding.h"

namespace basil {

// runs[i] <= 2^run_bits - 1 zeros before value i. A longer run is carried by a pair with the greatest run and
// value 0; trailing zeros are implied by the extent, so the pairs' positions never exceed it.
struct RunLength {
  int run_bits = 5;
  std::vector<std::uint16_t> runs;
  friend bool operator==(const RunLength&, const RunLength&) = default;
};

extern const EncodingType run_length_encoding;

}  // namespace basil
