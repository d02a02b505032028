// The golden executor on fp32, added up in double.
#include <algorithm>

#include "traces/golden/golden_kernels.h"
#include "traces/golden/golden_layers.h"
#include "traces/golden/golden_patches.h"

namespace basil::golden {
namespace {

// Filters of one group in blocks of real_block side by side: block, position, filter; zeros at the end.
std::vector<float> block_filters(const LayerShape& s, const std::vector<float>& weights, int group) {
  const std::size_t length = size(s.reduction());
  const std::size_t filters = size(s.filters_per_group());
  std::vector<float> blocks((filters + real_block - 1) / real_block * real_block * length);
  const float* own = weights.data() + size(group) * filters * length;
  for (std::size_t k = 0; k < filters; ++k) {
    float* block = blocks.data() + k / real_block * real_block * length;
    for (std::size_t i = 0; i < length; ++i) block[i * real_block + k % real_block] = own[k * length + i];
  }
  return blocks;
}

}  // namespace

std::vector<double> run_reals(const LayerShape& s, const std::vector<float>& ifmap,
                              const std::vector<float>& weights, const std::vector<float>& bias) {
  const std::int64_t pixels = std::int64_t{s.N} * s.P() * s.Q();
  const std::size_t length = size(s.reduction());
  const std::size_t filters = size(s.filters_per_group());
  std::vector<double> reals(size(pixels * s.K));
  std::vector<float> patch(length);
  double sums[real_block];
  for (int group = 0; group < s.groups; ++group) {
    const std::vector<float> blocks = block_filters(s, weights, group);
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      pack_patch(s, ifmap.data(), pixel, group, patch.data());
      double* out = reals.data() + pixel * s.K + std::int64_t{group} * s.filters_per_group();
      for (std::size_t first = 0; first < filters; first += real_block) {
        dot_block_real(patch.data(), blocks.data() + first * length, length, sums);
        std::copy_n(sums, std::min(real_block, filters - first), out + first);
      }
    }
  }
  for (std::size_t i = 0; i < reals.size() && !bias.empty(); ++i) reals[i] += double{bias[i % bias.size()]};
  return reals;
}

}  // namespace basil::golden
