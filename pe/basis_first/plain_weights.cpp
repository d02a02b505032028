#include "pe/basis_first/plain_weights.h"

#include <algorithm>
#include <numeric>

namespace basil::basis_first {

PlainWeights::PlainWeights(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      design_(parameters),
      weights_(layer.weights),
      accounts_(layer, design_),
      input_(layer),
      values_(layer, parameters),
      streams_(design_.plain()),
      filter_streams_(design_.plain()),
      places_(design_, design_.multipliers,
              ceil_div(ceil_div(layer.shape.reduction(), design_.multipliers), design_.slices)) {}

TileWork PlainWeights::run(const TilePass& pass, Ofmap& sums) {
  values_.accumulate(pass, sums);
  events_ = {};
  read_filters(pass.filters);
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    load(n, pass);
    if (ofmap_values() < pass.filters.size()) {
      for (std::int64_t value = 0; value < ofmap_values(); ++value) run_value(value);
    } else {
      for (const std::vector<std::uint64_t>& map : maps_) run_filter(map);
    }
    meet();
  }
  events_.drain(drain_cycles(design_, layer_.shape, 1),
                std::int64_t{pass.filters.size()} * slices_used() * design_.multipliers, design_.pes());
  return accounts_.work(events_, pass);
}

void PlainWeights::load(int n, const TilePass& pass) {
  barrier_.reset(pass.rows.size());
  walked_ = 0;
  if (!input_.load(n, pass.group, pass.rows)) return;
  const LayerShape& shape = layer_.shape;
  const TileGrid& grid = input_.grid();
  const int Q = shape.Q();
  ofmap_rows_ = pass.rows.size();
  streams_.reset(shape.reduction(), std::int64_t{ofmap_rows_} * Q);
  nonzeros_.assign(static_cast<std::size_t>(shape.reduction()), 0);
  std::int64_t position = 0;
  for (int r = 0; r < shape.R; ++r) {
    for (int s = 0; s < shape.S; ++s) {
      for (int c = 0; c < input_.channels(); ++c, ++position) {
        for (int p = 0; p < ofmap_rows_; ++p) {
          const std::int64_t row = std::int64_t{p} * shape.stride_y + std::int64_t{r} * shape.dilation_y;
          const std::int16_t* words =
              input_.plane(c) + row * grid.columns + std::int64_t{s} * shape.dilation_x;
          std::int64_t& nonzeros = nonzeros_[static_cast<std::size_t>(position)];
          nonzeros += streams_.mark(position, words, shape.stride_x, std::int64_t{p} * Q, Q);
        }
      }
    }
  }
}

void PlainWeights::read_filters(Range filters) {
  const std::int64_t length = layer_.shape.reduction();
  const auto lanes = static_cast<std::size_t>(design_.multipliers);
  filters_ = filters;
  fetches_.clear();
  for (std::int64_t part = 0; part < places_.parts; ++part)
    fetches_.push_back(design_.fetch(positions_of(part)));
  blocks_.assign(
      static_cast<std::size_t>(filters.size()),
      {RowFeed(places_.places), std::vector<std::int64_t>(static_cast<std::size_t>(slices_used()))});
  filter_.resize(static_cast<std::size_t>(length));
  weights_at_.assign(filter_.size(), 0);
  maps_.assign(static_cast<std::size_t>(filters.size()),
               std::vector<std::uint64_t>(ceil_div(length, design_.multipliers)));
  filter_streams_.reset(length, filters.size());
  for (int k = 0; k < filters.size(); ++k) {
    weights_.read((filters.first + k) * length, length, filter_.data());
    std::vector<std::uint64_t>& map = maps_[static_cast<std::size_t>(k)];
    for (std::size_t i = 0, row = 0, lane = 0; i < filter_.size(); ++i) {
      const std::uint64_t set = filter_[i] != 0 ? 1 : 0;
      map[row] |= set << lane;
      weights_at_[i] += static_cast<std::int64_t>(set);
      if (++lane == lanes) ++row, lane = 0;
    }
    filter_streams_.set(k, map);
  }
}

Range PlainWeights::rows_of(std::int64_t part) const {
  const std::int64_t first = part * places_.rows * design_.slices;
  const std::int64_t end = std::min<std::int64_t>(first + places_.rows * design_.slices, rows());
  return {static_cast<int>(first), static_cast<int>(end)};
}

std::int64_t PlainWeights::positions_of(std::int64_t part) const {
  const Range rows = rows_of(part);
  const auto before = [&](int row) { return std::int64_t{row} * design_.multipliers; };
  return std::min(before(rows.end), layer_.shape.reduction()) - before(rows.first);
}

LaneStreams::Share PlainWeights::share_of(std::int64_t part, int slice) const {
  const Range rows = rows_of(part);
  return {.first = rows.first + slice, .step = design_.slices, .end = rows.end};
}

void PlainWeights::restart(BlockTime& block) const {
  block.feed.restart();
  std::fill(block.ended.begin(), block.ended.end(), -1);
}

void PlainWeights::time_part(BlockTime& block, std::int64_t part, const std::int32_t* cycles,
                             std::int64_t pitch) {
  const std::int64_t fetch = fetches_[static_cast<std::size_t>(part)];
  const std::int64_t in_window = block.feed.begin(fetch) + fetch;  // at the end of this cycle
  std::int64_t last = 0;
  for (int slice = 0; slice < slices_of(part); ++slice, cycles += pitch) {
    std::int64_t& ended = block.ended[static_cast<std::size_t>(slice)];
    ended = std::max(ended, in_window) + *cycles;
    walked_ += *cycles;
    last = std::max(last, ended);
  }
  block.feed.end(last);
}

void PlainWeights::arrive(const BlockTime& block, int p) {
  for (const std::int64_t ended : block.ended) barrier_.arrive(p, ended + 1);
}

void PlainWeights::run_filter(const std::vector<std::uint64_t>& map) {
  const std::int64_t pitch = streams_.pitch(), part_size = pitch * design_.slices;
  cycles_.resize(static_cast<std::size_t>(places_.parts * part_size));
  effectual_.resize(static_cast<std::size_t>(pitch));
  for (std::int64_t part = 0; part < places_.parts; ++part) {
    for (int slice = 0; slice < slices_of(part); ++slice) {
      streams_.time(map, share_of(part, slice), cycles_.data() + part * part_size + slice * pitch,
                    effectual_.data());
      events_.summed +=
          std::accumulate(effectual_.begin(), effectual_.begin() + ofmap_values(), std::int64_t{0});
    }
  }
  BlockTime& block = blocks_.front();
  const std::int32_t* value = cycles_.data();
  for (int p = 0; p < ofmap_rows_; ++p) {
    restart(block);
    for (int q = 0; q < layer_.shape.Q(); ++q, ++value) {
      for (std::int64_t part = 0; part < places_.parts; ++part)
        time_part(block, part, value + part * part_size, pitch);
    }
    arrive(block, p);
  }
}

// The map of one ofmap value's activations against all filters.
void PlainWeights::run_value(std::int64_t value) {
  const int Q = layer_.shape.Q();
  const std::int64_t pitch = filter_streams_.pitch();
  cycles_.resize(static_cast<std::size_t>(pitch * design_.slices));
  effectual_.resize(static_cast<std::size_t>(pitch));
  streams_.get(value, map_);
  if (value % Q == 0) std::for_each(blocks_.begin(), blocks_.end(), [&](BlockTime& b) { restart(b); });
  for (std::int64_t part = 0; part < places_.parts; ++part) {
    for (int slice = 0; slice < slices_of(part); ++slice) {
      filter_streams_.time(map_, share_of(part, slice), cycles_.data() + slice * pitch, effectual_.data());
      events_.summed +=
          std::accumulate(effectual_.begin(), effectual_.begin() + filters_.size(), std::int64_t{0});
    }
    for (std::size_t k = 0; k < blocks_.size(); ++k) time_part(blocks_[k], part, cycles_.data() + k, pitch);
  }
  if (value % Q != Q - 1) return;
  for (const BlockTime& block : blocks_) arrive(block, static_cast<int>(value / Q));
}

// All slices of all blocks meet after each ofmap row.
void PlainWeights::meet() {
  const std::int64_t mapped = std::int64_t{filters_.size()} * slices_used() * design_.multipliers;
  const std::int64_t multiplied =
      std::inner_product(nonzeros_.begin(), nonzeros_.end(), weights_at_.begin(), std::int64_t{0});
  const std::int64_t waited = (barrier_.busy() - walked_) * design_.multipliers;
  std::int64_t cycles = 0;
  for (int p = 0; p < ofmap_rows_; ++p) cycles += barrier_.cycles(p);
  events_.cycles += cycles;
  events_.walked += walked_;
  events_.bins.add(Bin::idle, (design_.pes() - mapped) * cycles);
  events_.bins.add(Bin::compute, multiplied);
  events_.bins.add(Bin::wait_activations, waited);
  events_.bins.add(Bin::imbalance, mapped * cycles - multiplied - waited);
  events_.weights_read += multiplied;
  events_.map_rows += filters_.size() * rows() * ofmap_values();
  std::int64_t words = 0;
  for (std::int64_t part = 0; part < places_.parts; ++part)
    words += ceil_div(positions_of(part), design_.stage_1.lanes);
  events_.row_reads += filters_.size() * ofmap_values() * words;
}

}  // namespace basil::basis_first
