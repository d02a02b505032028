// For tests: the operators written the plain way, in double precision and with every index spelled out.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "traces/network/dense_network.h"

namespace basil::testing {

struct Image {
  int n = 1, c = 1, h = 1, w = 1;
  std::vector<double> values;

  Image(int n_, int c_, int h_, int w_)
      : n(n_),
        c(c_),
        h(h_),
        w(w_),
        values(static_cast<std::size_t>(n_) * static_cast<std::size_t>(c_ * h_ * w_)) {}
  Image(int n_, int c_, int h_, int w_, const std::vector<float>& reals)
      : n(n_), c(c_), h(h_), w(w_), values(reals.begin(), reals.end()) {}

  [[nodiscard]] double& at(int i, int channel, int y, int x) {
    return values[static_cast<std::size_t>(((i * c + channel) * h + y) * w + x)];
  }
  [[nodiscard]] double get(int i, int channel, int y, int x) const {
    if (y < 0 || y >= h || x < 0 || x >= w) return 0;
    return values[static_cast<std::size_t>(((i * c + channel) * h + y) * w + x)];
  }
};

// Weights K, C/groups, R, S; only the geometry of `s` is read.
inline Image conv(const Image& in, const LayerShape& s, const std::vector<float>& weights,
                  const std::vector<float>& bias) {
  Image out(in.n, s.K, s.P(), s.Q());
  const int depth = s.C / s.groups, filters = s.K / s.groups;
  for (int n = 0; n < out.n; ++n)
    for (int k = 0; k < s.K; ++k)
      for (int p = 0; p < out.h; ++p)
        for (int q = 0; q < out.w; ++q) {
          double sum = bias.empty() ? 0 : static_cast<double>(bias[static_cast<std::size_t>(k)]);
          for (int c = 0; c < depth; ++c)
            for (int r = 0; r < s.R; ++r)
              for (int t = 0; t < s.S; ++t)
                sum += static_cast<double>(
                           weights[static_cast<std::size_t>(((k * depth + c) * s.R + r) * s.S + t)]) *
                       in.get(n, k / filters * depth + c, p * s.stride_y + r * s.dilation_y - s.pad_top,
                              q * s.stride_x + t * s.dilation_x - s.pad_left);
          out.at(n, k, p, q) = sum;
        }
  return out;
}

struct Norm {
  std::vector<float> scale, bias, mean, variance;
};

inline Image batch_norm(Image in, const Norm& norm, double epsilon = 1e-5) {
  for (int n = 0; n < in.n; ++n)
    for (int c = 0; c < in.c; ++c)
      for (int y = 0; y < in.h; ++y)
        for (int x = 0; x < in.w; ++x) {
          const auto i = static_cast<std::size_t>(c);
          in.at(n, c, y, x) = (in.get(n, c, y, x) - static_cast<double>(norm.mean[i])) /
                                  std::sqrt(static_cast<double>(norm.variance[i]) + epsilon) *
                                  static_cast<double>(norm.scale[i]) +
                              static_cast<double>(norm.bias[i]);
        }
  return in;
}

inline Image relu(Image in, double most = 1e300) {
  for (double& value : in.values) value = std::clamp(value, 0.0, most);
  return in;
}

inline Image max_pool(const Image& in, int size, int stride) {
  Image out(in.n, in.c, (in.h - size) / stride + 1, (in.w - size) / stride + 1);
  for (int n = 0; n < out.n; ++n)
    for (int c = 0; c < out.c; ++c)
      for (int p = 0; p < out.h; ++p)
        for (int q = 0; q < out.w; ++q) {
          double most = -1e300;
          for (int r = 0; r < size; ++r)
            for (int s = 0; s < size; ++s)
              most = std::max(most, in.get(n, c, p * stride + r, q * stride + s));
          out.at(n, c, p, q) = most;
        }
  return out;
}

inline Image add(Image a, const Image& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

inline Image flatten(Image in) {
  in.c *= in.h * in.w;
  in.h = in.w = 1;
  return in;
}

// The layer's stored input is this image within half a step of its int8 (and the float run's own rounding).
inline void expect_input(const DenseLayer& layer, const Image& image) {
  const LayerShape& s = layer.shape;
  ASSERT_EQ((std::vector<int>{s.N, s.C, s.H, s.W}), (std::vector<int>{image.n, image.c, image.h, image.w}))
      << layer.name;
  double most = 0;
  for (const double value : image.values) most = std::max(most, std::abs(value));
  const auto scale = static_cast<double>(layer.activation_scale);
  EXPECT_NEAR(scale, most / 127, most * 1e-5) << layer.name;
  std::size_t i = 0;
  for (int n = 0; n < image.n; ++n)
    for (int y = 0; y < image.h; ++y)
      for (int x = 0; x < image.w; ++x)
        for (int c = 0; c < image.c; ++c)
          ASSERT_NEAR(layer.ifmap[i++] * scale, image.get(n, c, y, x), 0.501 * scale)
              << layer.name << " at " << n << " " << c << " " << y << " " << x;
}

}  // namespace basil::testing
