#include "pe/basis_first/plain_weights.h"

#include <algorithm>
#include <numeric>

namespace basil::basis_first {

PlainWeights::PlainWeights(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      design_(parameters),
      weights_(layer.weights),
      input_(layer),
      values_(layer, parameters),
      streams_(design_.plain()) {}

TileWork PlainWeights::run(const TilePass& pass, Ofmap& sums) {
  const LayerShape& shape = layer_.shape;
  values_.accumulate(RowPass{.group = pass.group,
                             .n = pass.n,
                             .filters = pass.filters,
                             .channels = {0, shape.channels_per_group()},
                             .taps_y = {0, shape.R},
                             .taps_x = {0, shape.S},
                             .rows = pass.rows},
                     sums);
  events_ = {};
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    load(n, pass);
    const int slices = std::min(design_.slices, streams_.rows());
    for (int k = pass.filters.first; k < pass.filters.end; ++k) {
      read_filter(k);
      for (int slice = 0; slice < slices; ++slice) run_slice(slice);
    }
    meet(pass.filters.size());
  }
  // The last sums reach the psums.
  const std::int64_t at_work =
      std::int64_t{pass.filters.size()} * std::min(streams_.rows(), design_.slices) * design_.multipliers;
  ++events_.cycles;
  events_.bins.add(Bin::drain, at_work);
  events_.bins.add(Bin::idle, design_.pes() - at_work);
  return work_of(events_, design_, layer_, input_.reader(), pass);
}

void PlainWeights::load(int n, const TilePass& pass) {
  barrier_.reset(pass.rows.size());
  if (!input_.load(n, pass.group, pass.rows)) return;
  const LayerShape& shape = layer_.shape;
  const TileGrid& grid = input_.grid();
  const int Q = shape.Q();
  ofmap_rows_ = pass.rows.size();
  streams_.reset(shape.reduction(), std::int64_t{ofmap_rows_} * Q);
  cycles_.resize(static_cast<std::size_t>(streams_.pitch()));
  effectual_.resize(cycles_.size());
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

void PlainWeights::read_filter(int filter) {
  const std::int64_t length = layer_.shape.reduction();
  filter_.resize(static_cast<std::size_t>(length));
  weights_.read(filter * length, length, filter_.data());
  map_.assign(static_cast<std::size_t>(streams_.rows()), 0);
  for (std::size_t i = 0; i < filter_.size(); ++i) {
    if (filter_[i] == 0) continue;
    map_[i / static_cast<std::size_t>(design_.multipliers)] |=
        std::uint64_t{1} << i % static_cast<std::size_t>(design_.multipliers);
    multiplied_ += nonzeros_[i];
  }
}

void PlainWeights::run_slice(int slice) {
  streams_.time(map_, {slice, design_.slices}, cycles_.data(), effectual_.data());
  const int Q = layer_.shape.Q();
  const std::int32_t* row = cycles_.data();
  for (int p = 0; p < ofmap_rows_; ++p, row += Q) {
    barrier_.arrive(p, std::accumulate(row, row + Q, std::int64_t{0}));
  }
  const std::int64_t values = std::int64_t{ofmap_rows_} * Q;
  events_.summed += std::accumulate(effectual_.begin(), effectual_.begin() + values, std::int64_t{0});
}

// All slices of all blocks meet after each ofmap row.
void PlainWeights::meet(int filters) {
  const std::int64_t mapped =
      std::int64_t{filters} * std::min(streams_.rows(), design_.slices) * design_.multipliers;
  std::int64_t cycles = 0;
  for (int p = 0; p < ofmap_rows_; ++p) cycles += barrier_.cycles(p);
  events_.cycles += cycles;
  events_.walked += barrier_.busy();
  events_.bins.add(Bin::idle, (design_.pes() - mapped) * cycles);
  events_.bins.add(Bin::compute, multiplied_);
  events_.bins.add(Bin::imbalance, mapped * cycles - multiplied_);
  events_.weights_read += multiplied_;
  events_.activations_read += multiplied_;
  events_.map_rows += std::int64_t{filters} * streams_.rows() * ofmap_rows_ * layer_.shape.Q();
  multiplied_ = 0;
}

}  // namespace basil::basis_first
