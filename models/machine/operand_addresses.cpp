#include "models/machine/operand_addresses.h"

namespace basil {
namespace {

// Maps lie channel by channel in DRAM, as they are coded.
struct Map {
  int channels = 1, rows = 1, columns = 1;

  [[nodiscard]] std::uint64_t address(int n, int channel, int row, int column, int word_bytes) const {
    const std::int64_t plane = std::int64_t{n} * channels + channel;
    return static_cast<std::uint64_t>(((plane * rows + row) * columns + column) * word_bytes);
  }
};

}  // namespace

std::uint64_t weights_address(const Layer& layer, const PieceStep& at, int word_bytes) {
  const Extent& extent = layer.weights.extent;
  const LayerBox& box = at.piece->box;
  const WeightSlice& slice = at.step.weights;
  const int flat = slice.reduction.first, depth = box.channels.size();
  const int row = slice.taps_y.first + flat / depth / extent.cols;
  const int column = slice.taps_x.first + flat / depth % extent.cols;
  const int channel = slice.reduction.size() > 0 ? flat % depth : slice.channels.first;
  const std::int64_t first =
      extent.at(box.filters.first + slice.filters.first, row, column, box.channels.first + channel);
  return static_cast<std::uint64_t>(first * word_bytes);
}

std::uint64_t ifmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes) {
  const LayerBox& box = at.piece->box;
  const FmapTile& tile = at.step.ifmap;
  const int depth = box.channels.size(), filters = shape.filters_per_group();
  const int group = (shape.groups > 1 ? box.filters.first / filters : 0) + tile.channels.first / depth;
  const int channel = group * shape.channels_per_group() + box.channels.first + tile.channels.first % depth;
  return Map{shape.C, shape.H, shape.W}.address(box.images.first + tile.n.first, channel,
                                                down(shape).behind(box.rows).first + tile.rows.first,
                                                across(shape).behind(box.columns).first, word_bytes);
}

std::uint64_t ofmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes) {
  const LayerBox& box = at.piece->box;
  const FmapTile& tile = at.step.ofmap;
  return Map{shape.K, shape.P(), shape.Q()}.address(
      box.images.first + tile.n.first, box.filters.first + tile.channels.first,
      box.rows.first + tile.rows.first, box.columns.first, word_bytes);
}

}  // namespace basil
