#include "traces/golden/golden_kernels.h"

#include "core/vectorised.h"

namespace basil::golden {
namespace {

// Two patches with four filters: every loaded row serves several products.
// With 16-bit factors and 32-bit sums the compiler uses pmaddwd; pairs of -32768 * -32768 wrap there,
// but so does the 32-bit sum around them, and the caller knows that the whole sum fits.
BASIL_VECTORISED
void dot_2x4(const std::int16_t* __restrict a, const std::int16_t* __restrict b, std::size_t length,
             std::size_t pitch, std::int64_t* __restrict sums, std::size_t sums_pitch) {
  const std::int16_t* a1 = a + pitch;
  const std::int16_t* b1 = b + pitch;
  const std::int16_t* b2 = b1 + pitch;
  const std::int16_t* b3 = b2 + pitch;
  std::int32_t s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  length -= length % dot_multiple;  // no remainder loop
  for (std::size_t i = 0; i < length; ++i) {
    s00 += a[i] * b[i];
    s01 += a[i] * b1[i];
    s02 += a[i] * b2[i];
    s03 += a[i] * b3[i];
    s10 += a1[i] * b[i];
    s11 += a1[i] * b1[i];
    s12 += a1[i] * b2[i];
    s13 += a1[i] * b3[i];
  }
  sums[0] += s00;
  sums[1] += s01;
  sums[2] += s02;
  sums[3] += s03;
  sums[sums_pitch] += s10;
  sums[sums_pitch + 1] += s11;
  sums[sums_pitch + 2] += s12;
  sums[sums_pitch + 3] += s13;
}

BASIL_VECTORISED
std::int32_t dot_narrow(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  std::int32_t sum = 0;
  length -= length % dot_multiple;
  for (std::size_t i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

BASIL_VECTORISED
std::int64_t dot_wide(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  std::int64_t sum = 0;
  length -= length % dot_multiple;
  for (std::size_t i = 0; i < length; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

}  // namespace

void dots_narrow(const Dots& w) {
  std::size_t filter = 0;
  for (; filter + 4 <= w.filter_count; filter += 4) {
    const std::int16_t* rows = w.filters + filter * w.pitch;
    std::size_t pixel = 0;
    for (; pixel + 2 <= w.pixels; pixel += 2) {
      dot_2x4(w.patches + pixel * w.pitch, rows, w.length, w.pitch, w.sums + pixel * w.sums_pitch + filter,
              w.sums_pitch);
    }
    for (; pixel < w.pixels; ++pixel) {
      for (std::size_t k = 0; k < 4; ++k) {
        w.sums[pixel * w.sums_pitch + filter + k] +=
            dot_narrow(w.patches + pixel * w.pitch, rows + k * w.pitch, w.length);
      }
    }
  }
  for (; filter < w.filter_count; ++filter) {
    for (std::size_t pixel = 0; pixel < w.pixels; ++pixel) {
      w.sums[pixel * w.sums_pitch + filter] +=
          dot_narrow(w.patches + pixel * w.pitch, w.filters + filter * w.pitch, w.length);
    }
  }
}

void dots_wide(const Dots& w) {
  for (std::size_t filter = 0; filter < w.filter_count; ++filter) {
    for (std::size_t pixel = 0; pixel < w.pixels; ++pixel) {
      w.sums[pixel * w.sums_pitch + filter] +=
          dot_wide(w.patches + pixel * w.pitch, w.filters + filter * w.pitch, w.length);
    }
  }
}

BASIL_VECTORISED
void multiply_add_narrow(const std::int16_t* __restrict a, const std::int16_t* __restrict b,
                         std::int32_t* __restrict acc, std::size_t count) {
  for (std::size_t c = 0; c < count; ++c) acc[c] += a[c] * b[c];
}

BASIL_VECTORISED
void multiply_add_wide(const std::int16_t* __restrict a, const std::int16_t* __restrict b,
                       std::int64_t* __restrict acc, std::size_t count) {
  for (std::size_t c = 0; c < count; ++c) acc[c] += std::int32_t{a[c]} * std::int32_t{b[c]};
}

BASIL_VECTORISED
void dot_block_real(const float* __restrict patch, const float* __restrict block, std::size_t length,
                    double* __restrict sums) {
  double acc[real_block] = {};
  for (std::size_t i = 0; i < length; ++i) {
    const double x = patch[i];
    for (std::size_t k = 0; k < real_block; ++k) acc[k] += x * double{block[i * real_block + k]};
  }
  for (std::size_t k = 0; k < real_block; ++k) sums[k] = acc[k];
}

}  // namespace basil::golden
