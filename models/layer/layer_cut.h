// How a layer is cut into boxes, so that a machine can hold what one of them needs. A box is a layer of its
// own for dataflow and unit (traces/pieces/layer_box.h); the machine runs them one behind the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/description/description.h"
#include "models/mapping/mapper.h"
#include "traces/pieces/layer_box.h"

namespace basil {

// Greatest extents of a box.
struct BoxSize {
  int images = 1, rows = 1, columns = 1, filters = 1, channels = 1;
};
[[nodiscard]] BoxSize size_of(const LayerShape& shape);

// Boxes in the order they run: images, filters, rows, columns, and innermost channels, whose psums stay in
// the buffer from box to box.
class LayerCut {
 public:
  LayerCut(const LayerShape& shape, const BoxSize& size);

  [[nodiscard]] std::int64_t boxes() const;
  [[nodiscard]] LayerBox box(std::int64_t index) const;
  // A box of every shape there is, and how many have it.
  struct Kind {
    LayerBox box;
    std::int64_t boxes = 0;
  };
  [[nodiscard]] std::vector<Kind> kinds() const;
  [[nodiscard]] bool whole() const { return boxes() == 1; }
  [[nodiscard]] bool in_channels() const { return channels_.size() > 1; }
  // Psums of the largest block, which boxes of other channels add to.
  [[nodiscard]] Bytes psums(const Description& machine) const;
  // Each axis that is cut: "columns=8x240", eight stretches of at most 240.
  [[nodiscard]] std::string describe() const;

 private:
  LayerShape shape_;
  std::vector<Range> images_, filters_, rows_, columns_, channels_;
};

// The machine while boxes over other channels follow: the buffer that keeps their psums has less room.
[[nodiscard]] Description with_psums_kept(const Description& machine, const LayerCut& cut);

// Whole where the machine can run the layer so. Else in columns, as few pieces as fit; in channels (and rows,
// images and filters, until their psums fit too) where not even one column does. On a row-stationary array in
// more columns than that where shorter rows leave the buffer room for a faster mapping. Throws Error naming
// what the machine lacks for the smallest box.
[[nodiscard]] LayerCut cut_layer(const Layer& layer, const Description& machine, Mapper& mapper);

// Passes of a layer on the machine, over all its boxes.
[[nodiscard]] std::int64_t count_passes(const Layer& layer, const Description& machine, Mapper& mapper);

}  // namespace basil
