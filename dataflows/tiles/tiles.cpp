#include "dataflows/tiles/tiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "pe/pass_traffic.h"

namespace basil {
namespace {

// A tile's size: several whole images, or rows of one.
struct TileSize {
  int images = 1, rows = 1;
};

class TileSchedule final : public Schedule {
 public:
  TileSchedule(const LayerShape& shape, const TileLimits& limits, const TileSize& size)
      : shape_(shape), limits_(limits), size_(size) {
    filters_ = static_cast<int>(ceil_div(shape.filters_per_group(), limits.filters));
    row_tiles_ = static_cast<int>(ceil_div(shape.P(), size.rows));
    tiles_ = static_cast<int>(ceil_div(shape.N, size.images)) * row_tiles_;
  }

  std::optional<Step> next() override {
    if (id_ == this->size()) return std::nullopt;
    const int filter = static_cast<int>(id_ % filters_);
    const int tile = static_cast<int>(id_ / filters_ % tiles_);
    const int group = static_cast<int>(id_ / filters_ / tiles_);
    const int depth = shape_.channels_per_group(), all = shape_.filters_per_group();
    const Range chunk = piece(filter, limits_.filters, all);
    const TilePass pass{.group = group,
                        .n = piece(tile / row_tiles_, size_.images, shape_.N),
                        .filters = {group * all + chunk.first, group * all + chunk.end},
                        .rows = piece(tile % row_tiles_, size_.rows, shape_.P())};
    Step step;
    step.id = id_++;
    step.pass = OwnPass(pass);
    step.weights = {.filters = pass.filters,
                    .channels = {0, depth},
                    .reduction = {0, static_cast<int>(shape_.reduction())},
                    .whole = true};
    step.outputs = {.filters = pass.filters,
                    .images = pass.n,
                    .pixels = {pass.rows.first * shape_.Q(), pass.rows.end * shape_.Q()}};
    step.active_pes = limits_.pes;
    step.ifmap = {pass.n, {group * depth, (group + 1) * depth}, ifmap_rows(shape_, pass.rows)};
    step.ofmap = {pass.n, pass.filters, pass.rows};
    step.load_ifmap = filter == 0;
    step.store_ofmap = true;
    return step;
  }

  [[nodiscard]] std::int64_t size() const override { return std::int64_t{shape_.groups} * tiles_ * filters_; }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("tile={}x{} rows, filters={}x{}", size_.images, size_.rows, filters_,
                       std::min(limits_.filters, shape_.filters_per_group()));
  }

 private:
  LayerShape shape_;
  TileLimits limits_;
  TileSize size_;
  int filters_ = 1, row_tiles_ = 1, tiles_ = 1;
  std::int64_t id_ = 0;
};

// Bytes that a tile of `rows` ofmap rows of one image keeps in the buffer.
std::int64_t bytes_of(const LayerShape& shape, const TileLimits& limits, int rows) {
  const std::int64_t window =
      std::int64_t{rows - 1} * shape.stride_y + std::int64_t{shape.R - 1} * shape.dilation_y + 1;
  const std::int64_t held = std::min<std::int64_t>(window, shape.H) * shape.W * shape.channels_per_group();
  return ceil_div(held * limits.word_bits, 8) + limits.kept_a_row * rows;
}

TileSize largest_tile(const LayerShape& shape, const TileLimits& limits, const std::string& where) {
  const std::int64_t room = limits.fmap_buffer.value;
  const std::int64_t images = room / std::max<std::int64_t>(1, bytes_of(shape, limits, shape.P()));
  if (images >= 1) return {static_cast<int>(std::min<std::int64_t>(images, shape.N)), shape.P()};
  if (bytes_of(shape, limits, 1) > room) {
    throw Error(where + ": buffers.fmaps.bytes", std::to_string(room),
                fmt::format("at least {}: what one ofmap row needs", bytes_of(shape, limits, 1)));
  }
  int low = 1, high = shape.P();  // bytes grow with the rows
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (bytes_of(shape, limits, middle) <= room ? low : high) = middle;
  }
  return {1, low};
}

}  // namespace

std::unique_ptr<Schedule> tile_schedule(const LayerShape& shape, const TileLimits& limits,
                                        const std::string& where) {
  return std::make_unique<TileSchedule>(shape, limits, largest_tile(shape, limits, where));
}

}  // namespace basil
