// The golden executor on integers: exact sums.
#include <algorithm>
#include <limits>

#include "traces/golden/golden_kernels.h"
#include "traces/golden/golden_layers.h"
#include "traces/golden/golden_patches.h"

namespace basil::golden {
namespace {

std::int64_t greatest_magnitude(const std::vector<std::int16_t>& values) {
  std::int16_t low = 0;
  std::int16_t high = 0;
  for (const std::int16_t value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return std::max<std::int64_t>(high, -std::int64_t{low});
}

// Filters one after the other, each padded with zeros to a multiple of dot_multiple.
std::vector<std::int16_t> pad_filters(std::vector<std::int16_t> weights, std::size_t filters,
                                      std::size_t length, std::size_t pitch) {
  if (pitch == length) return weights;
  std::vector<std::int16_t> padded(filters * pitch);
  for (std::size_t k = 0; k < filters; ++k) {
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(k * length), length,
                padded.begin() + static_cast<std::ptrdiff_t>(k * pitch));
  }
  return padded;
}

// Adds every dot product of a tile, in stretches whose sums fit 32 bits where that pays.
void run_dots(Dots work, std::int64_t narrow_length) {
  const std::size_t stretch = size(narrow_length) / dot_multiple * dot_multiple;
  if (stretch < 2 * dot_multiple) return dots_wide(work);
  for (std::size_t left = work.length; left > 0; left -= work.length) {
    work.length = std::min(stretch, left);
    dots_narrow(work);
    work.patches += work.length;
    work.filters += work.length;
  }
}

void run_by_patches(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                    std::vector<std::int16_t> weights, std::vector<std::int64_t>& sums) {
  const std::int64_t narrow_length = products_in_32_bits(ifmap, weights);
  const std::size_t length = size(s.reduction());
  const std::size_t pitch = (length + dot_multiple - 1) / dot_multiple * dot_multiple;
  const std::size_t filters = size(s.filters_per_group());
  weights = pad_filters(std::move(weights), size(s.K), length, pitch);
  const std::size_t pixels = sums.size() / size(s.K);
  const std::size_t tile = std::min(pixels, tile_pixels);
  std::vector<std::int16_t> patches(tile * pitch);
  for (std::size_t first = 0; first < pixels; first += tile) {
    const std::size_t count = std::min(tile, pixels - first);
    for (int group = 0; group < s.groups; ++group) {
      for (std::size_t i = 0; i < count; ++i) {
        pack_patch(s, ifmap.data(), static_cast<std::int64_t>(first + i), group, patches.data() + i * pitch);
      }
      const std::size_t filter = size(group) * filters;
      run_dots({patches.data(), weights.data() + filter * pitch, sums.data() + first * size(s.K) + filter,
                count, filters, pitch, pitch, size(s.K)},
               narrow_length);
    }
  }
}

// One channel a group: vectorised over the channels. Weights K, R, S with K = C x multiplier become
// R, S, multiplier, C.
std::vector<std::int16_t> channels_innermost(const LayerShape& s, const std::vector<std::int16_t>& weights) {
  const std::size_t taps = size(std::int64_t{s.R} * s.S);
  const std::size_t multiplier = size(s.filters_per_group());
  const std::size_t channels = size(s.C);
  std::vector<std::int16_t> turned(weights.size());
  for (std::size_t k = 0; k < size(s.K); ++k) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      turned[(tap * multiplier + k % multiplier) * channels + k / multiplier] = weights[k * taps + tap];
    }
  }
  return turned;
}

template <class Sum>
using MultiplyAdd = void (*)(const std::int16_t*, const std::int16_t*, Sum*, std::size_t);

// Adds the products behind one pixel to acc (multiplier x C).
template <class Sum>
void add_window(const LayerShape& s, std::int64_t pixel, const std::vector<std::int16_t>& ifmap,
                const std::vector<std::int16_t>& turned, MultiplyAdd<Sum> multiply_add,
                std::vector<Sum>& acc) {
  const Window window = window_of(s, pixel);
  const std::size_t channels = size(s.C);
  for (int r = 0; r < s.R; ++r) {
    const std::int64_t y = window.top + std::int64_t{r} * s.dilation_y;
    if (y < 0 || y >= s.H) continue;
    for (int column = 0; column < s.S; ++column) {
      const std::int64_t x = window.left + std::int64_t{column} * s.dilation_x;
      if (x < 0 || x >= s.W) continue;
      const std::int16_t* inputs = ifmap.data() + ((window.n * s.H + y) * s.W + x) * s.C;
      const std::int16_t* taps = turned.data() + size(std::int64_t{r} * s.S + column) * acc.size();
      for (std::size_t first = 0; first < acc.size(); first += channels) {
        multiply_add(inputs, taps + first, acc.data() + first, channels);
      }
    }
  }
}

template <class Sum>
void run_depthwise(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                   const std::vector<std::int16_t>& weights, MultiplyAdd<Sum> multiply_add,
                   std::vector<std::int64_t>& sums) {
  const std::vector<std::int16_t> turned = channels_innermost(s, weights);
  const std::size_t channels = size(s.C);
  const std::size_t multiplier = size(s.filters_per_group());
  std::vector<Sum> acc(size(s.K));
  auto sum = sums.begin();
  for (std::int64_t pixel = 0; sum != sums.end(); ++pixel) {
    std::fill(acc.begin(), acc.end(), Sum{});
    add_window(s, pixel, ifmap, turned, multiply_add, acc);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t m = 0; m < multiplier; ++m) *sum++ += acc[m * channels + c];
    }
  }
}

// Every pixel starts from the bias.
std::vector<std::int64_t> initial_sums(const LayerShape& s, const std::vector<std::int64_t>& bias) {
  std::vector<std::int64_t> sums(size(std::int64_t{s.N} * s.P() * s.Q() * s.K));
  if (bias.empty()) return sums;
  for (auto sum = sums.begin(); sum != sums.end();) sum = std::copy(bias.begin(), bias.end(), sum);
  return sums;
}

}  // namespace

std::int64_t products_in_32_bits(const std::vector<std::int16_t>& a, const std::vector<std::int16_t>& b) {
  const std::int64_t product = std::max<std::int64_t>(greatest_magnitude(a) * greatest_magnitude(b), 1);
  return std::numeric_limits<std::int32_t>::max() / product;
}

std::vector<std::int64_t> run_integers(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                                       std::vector<std::int16_t> weights,
                                       const std::vector<std::int64_t>& bias) {
  constexpr int least_channels_to_vectorise = 8;
  std::vector<std::int64_t> sums = initial_sums(s, bias);
  if (s.channels_per_group() > 1 || s.groups < least_channels_to_vectorise) {
    run_by_patches(s, ifmap, std::move(weights), sums);
  } else if (products_in_32_bits(ifmap, weights) >= s.reduction()) {
    run_depthwise<std::int32_t>(s, ifmap, weights, multiply_add_narrow, sums);
  } else {
    run_depthwise<std::int64_t>(s, ifmap, weights, multiply_add_wide, sums);
  }
  return sums;
}

}  // namespace basil::golden
