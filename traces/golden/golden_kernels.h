// The inner loops of the golden executor: plain C++ that the compiler vectorises.
#pragma once

#include <cstddef>
#include <cstdint>

namespace basil::golden {

inline constexpr std::size_t dot_multiple = 16;  // dot products run over a multiple of this many terms
inline constexpr std::size_t real_block = 16;    // filters side by side in a block of fp32 weights

// Dot products of `pixels` patches with `filters` filters, `length` terms each (a multiple of
// dot_multiple); row i of either starts at i * pitch. Adds to sums[pixel * sums_pitch + filter].
struct Dots {
  const std::int16_t* patches;
  const std::int16_t* filters;
  std::int64_t* sums;
  std::size_t pixels, filter_count, length, pitch, sums_pitch;
};

// Every sum of `length` products must fit 32 bits, in any order of adding.
void dots_narrow(const Dots& work);
// Any 16-bit operands.
void dots_wide(const Dots& work);

// acc[c] += a[c] * b[c] for `count` channels. narrow: the caller knows that the sums fit 32 bits.
void multiply_add_narrow(const std::int16_t* a, const std::int16_t* b, std::int32_t* acc, std::size_t count);
void multiply_add_wide(const std::int16_t* a, const std::int16_t* b, std::int64_t* acc, std::size_t count);

// sums[0..real_block) = Σ_i patch[i] * block[i * real_block + k], in order of i, in double.
void dot_block_real(const float* patch, const float* block, std::size_t length, double* sums);

}  // namespace basil::golden
