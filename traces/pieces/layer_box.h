// A box of a layer as a layer of its own: a block of its ofmap, and the channels that are summed in it.
#pragma once

#include "core/range.h"
#include "traces/encodings/slice.h"
#include "traces/trace.h"

namespace basil {

struct LayerBox {
  Range images, rows, columns;  // of the ofmap
  Range filters;                // of K; whole groups where there are several
  Range channels;               // of every group; fewer than all make partial sums
  friend bool operator==(const LayerBox&, const LayerBox&) = default;
};

// The whole layer.
[[nodiscard]] LayerBox box_of(const LayerShape& shape);

// One axis of the plane: how ofmap places lie on the ifmap.
struct PlaneAxis {
  int in = 1, out = 1;  // places of ifmap and ofmap
  int taps = 1, stride = 1, dilation = 1, pad = 0;

  // Ifmap places behind a stretch of the ofmap, those on padding included: may begin below 0.
  [[nodiscard]] Range window(Range places) const;
  // The same, clipped to the ifmap; of the whole axis all of it, places that no window meets included.
  [[nodiscard]] Range behind(Range places) const;
};
[[nodiscard]] PlaneAxis down(const LayerShape& shape);
[[nodiscard]] PlaneAxis across(const LayerShape& shape);

// Shape of the box's layer: the ifmap words behind its ofmap block, halo included, padded at the layer's
// edges alone. Some of them must lie on the ifmap.
[[nodiscard]] LayerShape shape_of(const LayerShape& shape, const LayerBox& box);

// Cuts boxes out of a layer, which must outlive it. Sums of boxes side by side are stretches of the layer's;
// sums of boxes over the layer's channels, whose first carries the bias, add up to them.
class LayerCutter {
 public:
  explicit LayerCutter(const Layer& layer) : layer_(layer), ifmap_(layer.ifmap) {}

  [[nodiscard]] Layer cut(const LayerBox& box) const;

 private:
  [[nodiscard]] Operand ifmap(const LayerBox& box, const LayerShape& shape) const;
  template <class T>
  [[nodiscard]] std::vector<T> words(const LayerBox& box) const;

  const Layer& layer_;
  SliceReader ifmap_;
};

}  // namespace basil
