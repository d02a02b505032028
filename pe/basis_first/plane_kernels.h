// The inner loops of the basis_first unit's values: whole planes added, and convolved with a small kernel.
#pragma once

#include <cstdint>
#include <vector>

namespace basil::basis_first {

inline constexpr std::int64_t plane_vector = 64;  // lengths of planes are padded to a multiple of this

// out[i] = sum over plus of planes[c * pitch + i] - sum over minus, for i < pitch.
void sum_planes(const std::int16_t* planes, std::int64_t pitch, const std::vector<int>& plus,
                const std::vector<int>& minus, std::int32_t* out);
void sum_planes(const std::int32_t* planes, std::int64_t pitch, const std::vector<int>& plus,
                const std::vector<int>& minus, std::int64_t* out);

// A kernel's taps over a grid: out (rows x grid_columns, of which the first `columns` of a row are meant)
// += sum of weights[tap] * in[p * step_y + q * step_x + offsets[tap]].
struct PlaneConvolution {
  int rows = 0, columns = 0, grid_columns = 0;
  std::int64_t step_y = 0, step_x = 0;
  std::vector<std::int64_t> offsets;
};
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int16_t* in,
                    std::int32_t* out);
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int32_t* in,
                    std::int32_t* out);
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int32_t* in,
                    std::int64_t* out);

// Sum of taps over the pixels whose word is not zero.
[[nodiscard]] std::int64_t count_nonzero_products(const std::int32_t* taps, const std::int16_t* words,
                                                  std::int64_t pixels);

// Slots of stage 2 over the pixels of a plane.
struct PlaneSlots {
  std::int64_t sums = 0;       // pixels with an effectual term
  std::int64_t taps = 0;       // of those
  std::int64_t cycles = 0;     // of those
  std::int64_t conflicts = 0;  // slots that banks cost, of those
  std::int64_t effectual = 0;  // taps that are not zero, of sums that are not zero
};
// What a pixel asks of stage 2, and what it gets from stage 1; each an array over the pixels.
struct PlanePixels {
  const std::int32_t* taps;
  const std::int32_t* cycles;
  const std::int32_t* conflicts;
  const std::int32_t* nonzero_taps;
  const std::int32_t* sums;
  const std::int32_t* effectual;  // 1 where stage 1 had a term
};
[[nodiscard]] PlaneSlots count_slots(const PlanePixels& pixels, std::int64_t count);

}  // namespace basil::basis_first
