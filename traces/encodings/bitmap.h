// Encoding `bitmap`: one bit a position, non-zeros packed.
#pragma once

#include "traces/encodings/bits.h"
#include "traces/encodings/encoding.h"

namespace basil {

// A bit a position; the values are the non-zeros in order.
struct Bitmap {
  bits::Words bitmap;
  friend bool operator==(const Bitmap&, const Bitmap&) = default;
};

extern const EncodingType bitmap_encoding;

}  // namespace basil
