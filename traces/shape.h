// The shape of a layer in the field's letters: N C H W (ifmap), K R S (filters), P Q (ofmap).
#pragma once

#include <cstdint>

namespace basil {

struct LayerShape {
  int N = 1;                // batch
  int C = 1, H = 1, W = 1;  // ifmap channels, rows, columns, before padding
  int K = 1, R = 1, S = 1;  // filters (ofmap channels), filter rows, filter columns
  int stride_y = 1, stride_x = 1;
  int pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  int dilation_y = 1, dilation_x = 1;
  int groups = 1;

  // Ofmap rows and columns.
  [[nodiscard]] int P() const { return (H + pad_top + pad_bottom - (R - 1) * dilation_y - 1) / stride_y + 1; }
  [[nodiscard]] int Q() const { return (W + pad_left + pad_right - (S - 1) * dilation_x - 1) / stride_x + 1; }
  [[nodiscard]] int channels_per_group() const { return C / groups; }
  [[nodiscard]] int filters_per_group() const { return K / groups; }
  // Length of the dot product behind one output value.
  [[nodiscard]] std::int64_t reduction() const { return std::int64_t{R} * S * channels_per_group(); }
  // Multiply-accumulates of the dense layer, those on padding included.
  [[nodiscard]] std::int64_t macs() const { return std::int64_t{N} * K * P() * Q() * reduction(); }

  friend bool operator==(const LayerShape&, const LayerShape&) = default;
};

}  // namespace basil
