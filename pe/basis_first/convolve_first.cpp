#include "pe/basis_first/convolve_first.h"

#include <algorithm>
#include <numeric>

#include "traces/encodings/basis.h"

namespace basil::basis_first {

ConvolveFirst::ConvolveFirst(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      design_(parameters),
      accounts_(layer, design_),
      input_(layer),
      coefficients_(layer.weights),
      kernels_(layer, design_.multipliers, design_.psum_banks),
      maps_(static_cast<std::size_t>(layer.weights.parts<Basis>().bases),
            Maps{{}, {}, LaneStreams(design_.stage_1)}) {}

TileWork ConvolveFirst::run(const TilePass& pass, Ofmap& sums) {
  events_ = {};
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    load(n, pass);
    count_convolution();
    barrier_.reset(ceil_div(pass.filters.size(), design_.blocks) * ofmap_rows_ * basis_rounds());
    for (int k = pass.filters.first; k < pass.filters.end; ++k) {
      sum_filter(k, (k - pass.filters.first) / design_.blocks);
      hand_over(n, k, pass, sums);
    }
    meet(pass.filters.size());
  }
  const std::int64_t blocks = std::min(pass.filters.size(), design_.blocks);
  events_.drain(drain_cycles(design_, layer_.shape, 1),
                blocks * std::min(kernels_.bases(), design_.slices) * design_.multipliers, design_.pes());
  return accounts_.work(events_, pass);
}

void ConvolveFirst::load(int n, const TilePass& pass) {
  if (!input_.load(n, pass.group, pass.rows)) return;
  ofmap_rows_ = pass.rows.size();
  pitch_ = ceil_div(ofmap_values(), plane_vector) * plane_vector;
  kernels_.place(input_.grid(), ofmap_rows_);
  convolved_.resize(static_cast<std::size_t>(ofmap_rows_) * static_cast<std::size_t>(input_.grid().columns));
  cycles_.resize(static_cast<std::size_t>(pitch_));
  effectual_.resize(cycles_.size());
  slice_sums_.resize(cycles_.size());
  for (int m = 0; m < kernels_.bases(); ++m) convolve(m);
}

// Stage A's values: each channel convolved with the basis.
void ConvolveFirst::convolve(int basis) {
  Maps& maps = maps_[static_cast<std::size_t>(basis)];
  const int Q = layer_.shape.Q(), channels = input_.channels();
  maps.planes.assign(static_cast<std::size_t>(pitch_ * channels), 0);
  maps.nonzeros.assign(static_cast<std::size_t>(channels), 0);
  maps.streams.reset(channels, ofmap_values());
  for (int c = 0; c < channels; ++c) {
    std::fill(convolved_.begin(), convolved_.end(), 0);
    convolve_plane(kernels_.convolution(), kernels_.weights(basis), input_.plane(c), convolved_.data());
    std::int32_t* plane = maps.planes.data() + c * pitch_;
    for (int p = 0; p < ofmap_rows_; ++p) {
      std::copy_n(convolved_.data() + std::int64_t{p} * input_.grid().columns, Q,
                  plane + std::int64_t{p} * Q);
    }
    maps.nonzeros[static_cast<std::size_t>(c)] = maps.streams.mark(c, plane, 1, 0, ofmap_values());
  }
}

// Stage A's time: it multiplies by zeros too, so only the taps count, and each channel takes the same. A
// cycle takes as many taps as there are multipliers and banks of the row store.
void ConvolveFirst::count_convolution() {
  const TileGrid& grid = input_.grid();
  const LayerShape& shape = layer_.shape;
  const int X = design_.multipliers, ports = std::min(X, design_.banks());
  std::int64_t cycles = 0, taps = 0, ragged = 0, waiting = 0;  // slots of a channel and basis
  for (int p = 0; p < ofmap_rows_; ++p) {
    int rows = 0;
    for (int r = 0; r < shape.R; ++r) {
      rows += grid.row_hits[static_cast<std::size_t>(r)]
                           [static_cast<std::size_t>(p * shape.stride_y + r * shape.dilation_y)];
    }
    for (int q = 0; q < shape.Q(); ++q) {
      int columns = 0;
      for (int s = 0; s < shape.S; ++s) {
        columns += grid.column_hits[static_cast<std::size_t>(s)]
                                   [static_cast<std::size_t>(q * shape.stride_x + s * shape.dilation_x)];
      }
      const std::int64_t met = std::int64_t{rows} * columns;
      const std::int64_t spent = std::max<std::int64_t>(1, ceil_div(met, ports));
      cycles += spent;
      taps += met;
      waiting += (spent - 1) * (X - ports);
      if (met > 0) ragged += X - (met - (spent - 1) * ports);
    }
  }
  const std::int64_t maps = std::int64_t{kernels_.bases()} * input_.channels();
  std::int64_t effectual = 0;
  for (int m = 0; m < kernels_.bases(); ++m) {
    for (int c = 0; c < input_.channels(); ++c) {
      effectual += count_nonzero_products(kernels_.nonzero_taps(m), input_.plane(c), grid.pixels());
    }
  }
  const std::int64_t total = cycles * basis_rounds() * ceil_div(input_.channels(), design_.blocks);
  events_.cycles += total;
  events_.bins.add(Bin::compute, effectual);
  events_.bins.add(Bin::gated, maps * (cycles * X - ragged - waiting) - effectual);
  events_.bins.add(Bin::imbalance, maps * ragged);
  events_.bins.add(Bin::wait_activations, maps * waiting);
  events_.bins.add(Bin::idle, total * design_.pes() - maps * cycles * X);
  events_.row_reads += basis_rounds() * input_.channels() * taps;  // for all slices of a block
}

// Stage B for one filter: its slices sum the intermediate maps.
void ConvolveFirst::sum_filter(int filter, std::int64_t round) {
  const int Q = layer_.shape.Q();
  psums_.assign(slice_sums_.size(), 0);
  for (int m = 0; m < kernels_.bases(); ++m) {
    const Maps& maps = maps_[static_cast<std::size_t>(m)];
    coefficients_.read(filter, m, design_.stage_1.lanes, row_);
    maps.streams.time(row_.map, {}, cycles_.data(), effectual_.data());
    const std::int32_t* row = cycles_.data();
    for (int p = 0; p < ofmap_rows_; ++p, row += Q) {
      barrier_.arrive((round * ofmap_rows_ + p) * basis_rounds() + m / design_.slices,
                      std::accumulate(row, row + Q, std::int64_t{0}));
    }
    events_.summed +=
        std::accumulate(effectual_.begin(), effectual_.begin() + ofmap_values(), std::int64_t{0});
    for (const int c : row_.plus) events_.terms += maps.nonzeros[static_cast<std::size_t>(c)];
    for (const int c : row_.minus) events_.terms += maps.nonzeros[static_cast<std::size_t>(c)];
    sum_planes(maps.planes.data(), pitch_, row_.plus, row_.minus, slice_sums_.data());
    for (std::size_t i = 0; i < psums_.size(); ++i) psums_[i] += slice_sums_[i];
  }
}

// All slices of all blocks meet after each round of each ofmap row.
void ConvolveFirst::meet(int filters) {
  const std::int64_t filter_rounds = ceil_div(filters, design_.blocks);
  std::int64_t meeting = 0, mapped = 0, cycles = 0;
  for (std::int64_t round = 0; round < filter_rounds; ++round) {
    const std::int64_t blocks = std::min<std::int64_t>(filters - round * design_.blocks, design_.blocks);
    for (int p = 0; p < ofmap_rows_; ++p) {
      for (std::int64_t bases = 0; bases < kernels_.bases(); bases += design_.slices, ++meeting) {
        cycles += barrier_.cycles(meeting);
        mapped += barrier_.cycles(meeting) * blocks *
                  std::min<std::int64_t>(kernels_.bases() - bases, design_.slices);
      }
    }
  }
  events_.cycles += cycles;
  events_.walked += barrier_.busy();
  events_.bins.add(Bin::wait_psums, barrier_.busy() * design_.multipliers);
  events_.bins.add(Bin::imbalance, (mapped - barrier_.busy()) * design_.multipliers);
  events_.bins.add(Bin::idle, cycles * design_.pes() - mapped * design_.multipliers);
  events_.map_rows +=
      std::int64_t{filters} * kernels_.bases() * maps_.front().streams.rows() * ofmap_values();
}

void ConvolveFirst::hand_over(int n, int filter, const TilePass& pass, Ofmap& sums) const {
  const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(filter)];
  std::size_t from = 0;
  for (int p = pass.rows.first; p < pass.rows.end; ++p) {
    for (int q = 0; q < sums.Q; ++q) sums.sums[sums.at(n, p, q, filter)] = bias + psums_[from++];
  }
}

}  // namespace basil::basis_first
