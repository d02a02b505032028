// An operand as a chip would hold it: an encoding and its parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/units.h"

namespace basil {

enum class Encoding { dense, bitmap, run_length, power_of_two, basis, comparator, binary };
enum class Dtype { int4, int8, uint8, int16, fp32 };

[[nodiscard]] int bits_of(Dtype dtype);
[[nodiscard]] std::int32_t lowest(Dtype dtype);   // least representable integer (0 for fp32)
[[nodiscard]] std::int32_t highest(Dtype dtype);  // greatest representable integer (0 for fp32)

// Four axes, `depth` innermost in memory. Weights: K, R, S, C/groups. Activations: N, H, W, C.
struct Extent {
  int outer = 1, rows = 1, cols = 1, depth = 1;

  [[nodiscard]] std::int64_t positions() const { return std::int64_t{outer} * rows * cols * depth; }
  // Flat index of a position.
  [[nodiscard]] std::int64_t at(int o, int r, int c, int d) const {
    return ((std::int64_t{o} * rows + r) * cols + c) * depth + d;
  }
  friend bool operator==(const Extent&, const Extent&) = default;
};

// One encoded tensor.
//   dense       payload holds every position
//   bitmap      `bitmap` has one bit a position (LSB of word 0 is position 0; bits past the end are 0),
//               payload holds the non-zeros in order
//   run_length  pairs (zeros before, value): `runs[i]` <= 2^run_bits - 1 and payload[i]. A run longer
//               than that is carried by a pair with the greatest run and value 0; trailing zeros are
//               implied by the extent, so the pairs' positions never exceed it.
// Weights only:
//   power_of_two  filter k is a sum of terms[k] planes of rows x cols x depth codes, planes of a filter one
//               after the other, filters in order; dtype int4: code c stands for sign(c) * 2^(|c| - 1),
//               0 for 0, so a term is a sign and a 3-bit exponent (LightNN, FLightNN)
//   basis       `bases` kernels B[m] of rows x cols in payload (int8), and ternary coefficients: `bitmap`
//               over outer x bases x depth (depth innermost), `signs` one bit for each set one, 1 for -1.
//               W[k, r, s, c] = sum over m of Ce[k, m, c] * B[m, r, s]  (PENNI, ESCALATE)
//   comparator  no W of its own: for each channel, offsets[channel * (taps + 1)] is the pivot's place in the
//               window (row * cols + col) and the next `taps` are those compared with it; payload
//               (int4 codes as in power_of_two) holds outer x depth weights of the pointwise stage.
//               U[c] = sum over j of 2^j * [I[c, tap j] > I[c, pivot]], O[k] = sum over c of w[k, c] * U[c]
//   binary      W is +1 where `bitmap` (over all positions) is set, else -1; payload holds a threshold for
//               each ifmap channel (int16): an ifmap word counts +1 if it is above, else -1, padding 0
// The payload is `values` for integers and `reals` for fp32; the other is empty.
struct Operand {
  Encoding encoding = Encoding::dense;
  Dtype dtype = Dtype::int8;
  Extent extent;
  std::vector<float> scales{1.0F};  // real = integer * scale: one for all, or one for each `outer`
  int run_bits = 5;                 // of run_length
  std::vector<std::int16_t> values;
  std::vector<float> reals;
  std::vector<std::uint64_t> bitmap;
  std::vector<std::uint16_t> runs;
  std::vector<std::uint8_t> terms;    // of power_of_two: 0 to 2 for each filter
  int bases = 0;                      // of basis: M
  std::vector<std::uint64_t> signs;   // of basis
  int taps = 0;                       // of comparator
  std::vector<std::uint8_t> offsets;  // of comparator

  [[nodiscard]] bool is_real() const { return dtype == Dtype::fp32; }
  [[nodiscard]] float scale(int outer) const {
    return scales.size() == 1 ? scales[0] : scales[static_cast<std::size_t>(outer)];
  }
};

// Encode a dense tensor (values in the order of Extent). Errors: none for consistent sizes.
[[nodiscard]] Operand encode(Encoding encoding, Dtype dtype, const Extent& extent,
                             std::vector<std::int16_t> dense, std::vector<float> scales, int run_bits = 5);
[[nodiscard]] Operand encode_real(Encoding encoding, const Extent& extent, std::vector<float> dense,
                                  int run_bits = 5);

// The golden meaning of an encoding: every position, plainly scattered or expanded. Of a comparator: its
// pointwise weights at the pivots' places, zero elsewhere (its layer is not a convolution: see golden.h).
[[nodiscard]] std::vector<std::int16_t> decode(const Operand& operand);
[[nodiscard]] std::vector<float> decode_real(const Operand& operand);

// Re-encode without changing a value.
[[nodiscard]] Operand re_encode(const Operand& operand, Encoding encoding);

// Throws Error naming the part when the operand contradicts itself (popcount and number of values,
// a value outside its dtype, a run past the end, a part missing or to spare, a stored zero in a bitmap).
void check(const Operand& operand, const std::string& where);

// power_of_two, basis, comparator, binary: encodings no activation carries, fitted by a recipe.
[[nodiscard]] bool only_weights(Encoding encoding);
// Bits of a value once decoded: of the dtype, and 8 for the encodings of weights only.
[[nodiscard]] int decoded_bits(const Operand& operand);

// Values that the encoding states: positions, the coefficients of a basis or the pointwise weights of a
// comparator; and how many are not zero.
[[nodiscard]] std::int64_t weights_held(const Operand& operand);
[[nodiscard]] std::int64_t nonzeros(const Operand& operand);
// Bits of values, maps, signs, offsets and runs as stored; scales (32 bit each) not counted.
[[nodiscard]] std::int64_t encoded_bits(const Operand& operand);
// The same of filters first .. end - 1; parts that belong to no filter (basis kernels, offsets, thresholds)
// count with the first one.
[[nodiscard]] std::int64_t filter_bits(const Operand& operand, int first, int end);

}  // namespace basil
