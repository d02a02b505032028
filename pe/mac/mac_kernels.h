// The inner loops of the mac unit: dot products of patches with filters, added to sums.
#pragma once

#include <cstdint>

namespace basil {

// `pixels` patches and `filters` filters, each `length` long and contiguous; out[pixel * stride + filter]
// += patch . filter.
struct DotBlock {
  std::int64_t pixels = 0, filters = 0, length = 0, stride = 0;
};

inline constexpr std::int64_t dot_vector = 16;  // lengths are padded to a multiple of this

// Every partial sum of a dot product must fit 32 bits.
void add_dots_narrow(const DotBlock& block, const std::int16_t* patches, const std::int16_t* filters,
                     std::int64_t* out);
void add_dots_wide(const DotBlock& block, const std::int16_t* patches, const std::int16_t* filters,
                   std::int64_t* out);
void add_dots(const DotBlock& block, const float* patches, const float* filters, double* out);

[[nodiscard]] std::int64_t count_zeros(const std::int16_t* values, std::int64_t count);
[[nodiscard]] std::int64_t count_zeros(const float* values, std::int64_t count);

}  // namespace basil
