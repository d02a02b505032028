// Encoding, decoding and measuring operands, whatever their encoding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil {

// Encode a dense tensor (values in the order of Extent). `settings` are parts whose fields the encoding takes
// over, e.g. RunLength{.run_bits = 4}. Errors: none for consistent sizes.
[[nodiscard]] Operand encode(Encoding encoding, Dtype dtype, const Extent& extent,
                             std::vector<std::int16_t> dense, std::vector<float> scales,
                             const OwnParts& settings = {});
[[nodiscard]] Operand encode_real(Encoding encoding, const Extent& extent, std::vector<float> dense,
                                  const OwnParts& settings = {});

// The settings that give another tensor the fields of this operand.
[[nodiscard]] OwnParts settings_of(const Operand& operand);

// The golden meaning of an encoding: every position, plainly scattered or expanded. Of a comparator: its
// pointwise weights at the pivots' places, zero elsewhere (its layer is not a convolution: see golden.h).
[[nodiscard]] std::vector<std::int16_t> decode(const Operand& operand);
[[nodiscard]] std::vector<float> decode_real(const Operand& operand);

// Re-encode without changing a value.
[[nodiscard]] Operand re_encode(const Operand& operand, Encoding encoding);

// Throws Error naming the part when the operand contradicts itself (popcount and number of values,
// a value outside its dtype, a run past the end, parts missing or to spare, a stored zero in a bitmap).
void check(const Operand& operand, const std::string& where);

// Bits of a value once decoded: of the dtype, and 8 for the encodings of weights only.
[[nodiscard]] int decoded_bits(const Operand& operand);

// Values that the encoding states: positions, the coefficients of a basis or the pointwise weights of a
// comparator; and how many are not zero.
[[nodiscard]] std::int64_t weights_held(const Operand& operand);
[[nodiscard]] std::int64_t nonzeros(const Operand& operand);
// Bits of values, maps, signs, offsets and runs as stored; scales (32 bit each) not counted.
[[nodiscard]] std::int64_t encoded_bits(const Operand& operand);
// The greatest magnitude a weight has where the greatest of the values is `max_value`.
[[nodiscard]] std::int64_t max_weight(const Operand& operand, std::int64_t max_value);

}  // namespace basil
