#include "models/machine/operand_addresses.h"

#include <variant>

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
  const auto place = [&](int filter, int y, int x, int channel) {
    return extent.at(box.filters.first + filter, y, x, box.channels.first + channel);
  };
  std::int64_t first = 0;
  if (const auto* rows = std::get_if<RowPass>(&at.step.pass)) {
    first = place(rows->filters.first, rows->taps_y.first, rows->taps_x.first, rows->channels.first);
  } else if (const auto* tile = std::get_if<TilePass>(&at.step.pass)) {
    first = place(tile->filters.first, 0, 0, 0);
  } else {
    const auto& fold = std::get<GemmPass>(at.step.pass);
    const int tap = fold.reduction.first / box.channels.size();
    first = place(fold.filters.first, tap / extent.cols, tap % extent.cols,
                  fold.reduction.first % box.channels.size());
  }
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
