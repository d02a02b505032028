#include "pe/mac/mac_kernels.h"

#include "core/vectorised.h"

namespace basil {
namespace {

// Four filters share each load of the patch.
inline constexpr std::int64_t filters_at_once = 4;

}  // namespace

BASIL_VECTORISED
void add_dots_narrow(const DotBlock& block, const std::int16_t* patches, const std::int16_t* filters,
                     std::int64_t* out) {
  const std::int64_t length = block.length / dot_vector * dot_vector;
  for (std::int64_t pixel = 0; pixel < block.pixels; ++pixel) {
    const std::int16_t* patch = patches + pixel * length;
    std::int64_t* sums = out + pixel * block.stride;
    std::int64_t filter = 0;
    for (; filter + filters_at_once <= block.filters; filter += filters_at_once) {
      const std::int16_t* w0 = filters + filter * length;
      const std::int16_t* w1 = w0 + length;
      const std::int16_t* w2 = w1 + length;
      const std::int16_t* w3 = w2 + length;
      std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (std::int64_t i = 0; i < length; ++i) {
        const std::int32_t a = patch[i];
        s0 += a * w0[i];
        s1 += a * w1[i];
        s2 += a * w2[i];
        s3 += a * w3[i];
      }
      sums[filter] += s0;
      sums[filter + 1] += s1;
      sums[filter + 2] += s2;
      sums[filter + 3] += s3;
    }
    for (; filter < block.filters; ++filter) {
      const std::int16_t* w = filters + filter * length;
      std::int32_t s = 0;
      for (std::int64_t i = 0; i < length; ++i) s += static_cast<std::int32_t>(patch[i]) * w[i];
      sums[filter] += s;
    }
  }
}

BASIL_VECTORISED
void add_dots_wide(const DotBlock& block, const std::int16_t* patches, const std::int16_t* filters,
                   std::int64_t* out) {
  for (std::int64_t pixel = 0; pixel < block.pixels; ++pixel) {
    const std::int16_t* patch = patches + pixel * block.length;
    for (std::int64_t filter = 0; filter < block.filters; ++filter) {
      const std::int16_t* w = filters + filter * block.length;
      std::int64_t s = 0;
      for (std::int64_t i = 0; i < block.length; ++i) s += static_cast<std::int32_t>(patch[i]) * w[i];
      out[pixel * block.stride + filter] += s;
    }
  }
}

void add_dots(const DotBlock& block, const float* patches, const float* filters, double* out) {
  for (std::int64_t pixel = 0; pixel < block.pixels; ++pixel) {
    const float* patch = patches + pixel * block.length;
    for (std::int64_t filter = 0; filter < block.filters; ++filter) {
      const float* w = filters + filter * block.length;
      float sum_of_pass = 0;
      for (std::int64_t i = 0; i < block.length; ++i) sum_of_pass += patch[i] * w[i];
      double& sum = out[pixel * block.stride + filter];
      sum = static_cast<double>(static_cast<float>(sum) + sum_of_pass);
    }
  }
}

BASIL_VECTORISED
std::int64_t count_zeros(const std::int16_t* values, std::int64_t count) {
  std::int64_t zeros = 0;
  for (std::int64_t i = 0; i < count; ++i) zeros += values[i] == 0 ? 1 : 0;
  return zeros;
}

std::int64_t count_zeros(const float* values, std::int64_t count) {
  std::int64_t zeros = 0;
  for (std::int64_t i = 0; i < count; ++i) zeros += values[i] == 0 ? 1 : 0;
  return zeros;
}

}  // namespace basil
