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
      filter_streams_(design_.plain()) {}

TileWork PlainWeights::run(const TilePass& pass, Ofmap& sums) {
  values_.accumulate(pass, sums);
  events_ = {};
  read_filters(pass.filters);
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    load(n, pass);
    const bool few_values = ofmap_values() < pass.filters.size();
    for (int slice = 0; slice < slices_used(); ++slice) {
      few_values ? run_slice_of_few_values(slice) : run_slice(slice);
    }
    meet();
  }
  events_.drain(drain_cycles(design_, layer_.shape, 1),
                std::int64_t{pass.filters.size()} * slices_used() * design_.multipliers, design_.pes());
  return accounts_.work(events_, pass);
}

void PlainWeights::load(int n, const TilePass& pass) {
  barrier_.reset(pass.rows.size());
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

void PlainWeights::run_slice(int slice) {
  const int Q = layer_.shape.Q();
  cycles_.resize(static_cast<std::size_t>(streams_.pitch()));
  effectual_.resize(cycles_.size());
  for (const std::vector<std::uint64_t>& map : maps_) {
    streams_.time(map, {slice, design_.slices}, cycles_.data(), effectual_.data());
    const std::int32_t* row = cycles_.data();
    for (int p = 0; p < ofmap_rows_; ++p, row += Q) {
      barrier_.arrive(p, std::accumulate(row, row + Q, std::int64_t{0}));
    }
    events_.summed +=
        std::accumulate(effectual_.begin(), effectual_.begin() + ofmap_values(), std::int64_t{0});
  }
}

// The map of one ofmap value's activations against all filters.
void PlainWeights::run_slice_of_few_values(int slice) {
  cycles_.resize(static_cast<std::size_t>(filter_streams_.pitch()));
  effectual_.resize(cycles_.size());
  std::int64_t value = 0;
  for (int p = 0; p < ofmap_rows_; ++p) {
    row_cycles_.assign(maps_.size(), 0);
    for (int q = 0; q < layer_.shape.Q(); ++q, ++value) {
      streams_.get(value, map_);
      filter_streams_.time(map_, {slice, design_.slices}, cycles_.data(), effectual_.data());
      for (std::size_t k = 0; k < maps_.size(); ++k) {
        row_cycles_[k] += cycles_[k];
        events_.summed += effectual_[k];
      }
    }
    for (const std::int64_t cycles : row_cycles_) barrier_.arrive(p, cycles);
  }
}

// All slices of all blocks meet after each ofmap row.
void PlainWeights::meet() {
  const std::int64_t mapped = std::int64_t{filters_.size()} * slices_used() * design_.multipliers;
  const std::int64_t multiplied =
      std::inner_product(nonzeros_.begin(), nonzeros_.end(), weights_at_.begin(), std::int64_t{0});
  std::int64_t cycles = 0;
  for (int p = 0; p < ofmap_rows_; ++p) cycles += barrier_.cycles(p);
  events_.cycles += cycles;
  events_.walked += barrier_.busy();
  events_.bins.add(Bin::idle, (design_.pes() - mapped) * cycles);
  events_.bins.add(Bin::compute, multiplied);
  events_.bins.add(Bin::imbalance, mapped * cycles - multiplied);
  events_.weights_read += multiplied;
  events_.map_rows += filters_.size() * streams_.rows() * ofmap_values();
}

}  // namespace basil::basis_first
