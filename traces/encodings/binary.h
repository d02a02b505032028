// Encoding `binary`: one sign bit a weight, one threshold an ifmap channel (XNOR-Net).
#pragma once

#include "traces/encodings/bits.h"
#include "traces/encodings/encoding.h"

namespace basil {

// W is +1 where `bitmap` (over all positions) is set, else -1; values are a threshold for each ifmap channel
// (int16): an ifmap word counts +1 if it is above, else -1, padding 0.
struct Binary {
  bits::Words bitmap;
  friend bool operator==(const Binary&, const Binary&) = default;
};

extern const EncodingType binary_encoding;

}  // namespace basil
