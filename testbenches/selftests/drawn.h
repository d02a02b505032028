// Layers drawn for selftests: shapes and densities given, values seeded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace.h"

namespace basil {

// A 3 x 3 convolution with padding 1 of `channels` on a square map, `filters` filters, and the share of ifmap
// words that are not zero.
struct DrawnLayer {
  int channels = 64, filters = 64, size = 28;
  double ifmap_density = 0.5;
  double weight_density = 1;
};

// int8 weights and ifmaps.
[[nodiscard]] Trace draw_convolutions(const std::string& name, const std::vector<DrawnLayer>& layers);

// Weights drawn anew: M basis kernels, and a share of the ternary coefficients.
void draw_basis_weights(Layer& layer, int bases, double density, std::uint32_t seed);
// `terms` signed powers of two each.
void draw_powers_of_two(Layer& layer, int terms, std::uint32_t seed);
// A pivot in the middle of each channel's window, the first `taps` of its other places in an order drawn, and
// pointwise weights of one power of two each.
void draw_comparator(Layer& layer, int taps, std::uint32_t seed);

}  // namespace basil
