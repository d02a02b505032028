#include "pe/dot/dot_tile.h"

#include <algorithm>

#include "core/vectorised.h"

namespace basil {
namespace {

BASIL_VECTORISED
void count_nonzeros(const std::int16_t* words, std::int64_t count, std::int32_t* counts) {
  for (std::int64_t i = 0; i < count; ++i) counts[i] += words[i] != 0 ? 1 : 0;
}

BASIL_VECTORISED
void add(const std::int32_t* from, std::int64_t count, std::int32_t* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
}

}  // namespace

DotTileUnit::DotTileUnit(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      machine_(parameters),
      weights_(layer.weights),
      ifmap_(layer.ifmap),
      values_(layer, parameters) {}

TileWork DotTileUnit::run(const TilePass& pass, Ofmap& sums) {
  const LayerShape& shape = layer_.shape;
  values_.accumulate(pass, sums);
  const PlanarGrid grid = machine_.grid(shape, pass.rows);
  DotEvents events;
  std::int64_t mapped = 0, slowest = 0;
  for (int set = 0; set < grid.sets(); ++set) {
    const int filters = share_of(pass.filters, grid.sets(), set).size();
    if (filters == 0) continue;
    mapped += grid.tiles();
    for (int tile = 0; tile < grid.tiles(); ++tile) {
      const int rows = tile_range(pass.rows, grid.tile_rows, tile / grid.across).size();
      const int cols = tile_range({0, shape.Q()}, grid.tile_cols, tile % grid.across).size();
      add_tile(pass.n.size(), rows * cols, filters, events);
      slowest = std::max(slowest, std::int64_t{pass.n.size()} * rows * cols * filters);
    }
  }
  const std::int64_t pairs =
      shape.reduction() * pass.filters.size() * pass.n.size() * pass.rows.size() * shape.Q();
  events.cycles = slowest * machine_.vectors(shape);
  events.products = machine_.zero_gating ? effectual(pass) : pairs;
  events.gated = pairs - events.products;
  events.empty = events.steps * machine_.width - pairs;
  events.waiting = mapped * events.cycles - events.steps;
  events.unmapped = (machine_.pes - mapped) * events.cycles;
  TileWork work = dot_work(events, machine_);
  add_dot_bytes(layer_, ifmap_, machine_, pass, work);
  return work;
}

void DotTileUnit::add_tile(std::int64_t images, int pixels, int filters, DotEvents& events) const {
  const std::int64_t vectors = images * machine_.vectors(layer_.shape);
  events.steps += vectors * pixels * filters;
  for (int first = 0; first < pixels; first += machine_.psum_words) {
    const int band = std::min(machine_.psum_words, pixels - first);
    events.ifmap_reads += vectors * band * ceil_div(filters, machine_.resident(band, filters));
    events.weight_writes += vectors * filters;
  }
}

// Products of two non-zeros: every pixel's patch meets every filter.
std::int64_t DotTileUnit::effectual(const TilePass& pass) {
  TilePass wanted = pass;
  wanted.filters = {};
  if (held_ != wanted) count_ifmap(pass);
  held_ = wanted;
  count_weights(pass);
  std::int64_t products = 0;
  for (std::size_t i = 0; i < in_ifmap_.size(); ++i) products += std::int64_t{in_ifmap_[i]} * in_weights_[i];
  return products;
}

void DotTileUnit::count_ifmap(const TilePass& pass) {
  const LayerShape& shape = layer_.shape;
  const std::int64_t row_of_taps = std::int64_t{shape.S} * shape.channels_per_group();
  in_ifmap_.assign(static_cast<std::size_t>(shape.reduction()), 0);
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int y = 0; y < shape.H; ++y) {
      bool counted = false;
      for (int r = 0; r < shape.R; ++r) {
        const int place = y + shape.pad_top - r * shape.dilation_y;
        if (place < 0 || place % shape.stride_y != 0) continue;
        const int p = place / shape.stride_y;
        if (p < pass.rows.first || p >= pass.rows.end) continue;
        if (!counted) count_row(pass, n, y);
        counted = true;
        add(row_.data(), row_of_taps, in_ifmap_.data() + r * row_of_taps);
      }
    }
  }
}

// Non-zeros that each filter column and channel meets along an ifmap row.
void DotTileUnit::count_row(const TilePass& pass, int n, int y) {
  const LayerShape& shape = layer_.shape;
  const int depth = shape.channels_per_group();
  const std::int64_t first = layer_.ifmap.extent.at(n, y, 0, pass.group * depth);
  words_.resize(static_cast<std::size_t>(shape.W * depth));
  if (shape.groups == 1) {
    ifmap_.read(first, std::int64_t{shape.W} * depth, words_.data());
  } else {
    for (int x = 0; x < shape.W; ++x)
      ifmap_.read(first + std::int64_t{x} * shape.C, depth, words_.data() + x * depth);
  }
  row_.assign(static_cast<std::size_t>(shape.S * depth), 0);
  for (int s = 0; s < shape.S; ++s) {
    for (int q = 0; q < shape.Q(); ++q) {
      const int x = q * shape.stride_x + s * shape.dilation_x - shape.pad_left;
      if (x < 0 || x >= shape.W) continue;
      count_nonzeros(words_.data() + x * depth, depth, row_.data() + s * depth);
    }
  }
}

void DotTileUnit::count_weights(const TilePass& pass) {
  const std::int64_t length = layer_.shape.reduction();
  in_weights_.assign(static_cast<std::size_t>(length), 0);
  words_.resize(static_cast<std::size_t>(length));
  for (int k = pass.filters.first; k < pass.filters.end; ++k) {
    weights_.read(layer_.weights.extent.at(k, 0, 0, 0), length, words_.data());
    count_nonzeros(words_.data(), length, in_weights_.data());
  }
}

}  // namespace basil
