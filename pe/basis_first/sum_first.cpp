#include "pe/basis_first/sum_first.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace basil::basis_first {
namespace {

std::int64_t magnitude(const Operand& operand) {
  std::int64_t most = 0;
  for (const std::int16_t value : operand.values) most = std::max<std::int64_t>(most, std::abs(int{value}));
  return most;
}

std::vector<int> used(const std::vector<int>& taps) {
  std::vector<int> places;
  for (std::size_t place = 0; place < taps.size(); ++place) {
    if (taps[place] > 0) places.push_back(static_cast<int>(place));
  }
  return places;
}

}  // namespace

SumFirst::SumFirst(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      design_(parameters),
      accounts_(layer, design_),
      input_(layer),
      coefficients_(layer.weights),
      kernels_(layer, design_.multipliers, design_.psum_banks),
      streams_(design_.stage_1),
      narrow_(magnitude(layer.ifmap) * layer.shape.channels_per_group() * kernels_.magnitude() <=
              std::numeric_limits<std::int32_t>::max()),
      feed_(PixelPlaces(design_, design_.stage_1.lanes,
                        ceil_div(layer.shape.channels_per_group(), design_.stage_1.lanes))
                .places),
      times_(static_cast<std::size_t>(design_.slices)) {
  for (SliceTime& time : times_) time.starts.resize(static_cast<std::size_t>(design_.queue));
}

TileWork SumFirst::run(const TilePass& pass, Ofmap& sums) {
  events_ = {};
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    load(n, pass);
    const auto psums =
        static_cast<std::size_t>(pass.rows.size()) * static_cast<std::size_t>(input_.grid().columns);
    for (int k = pass.filters.first; k < pass.filters.end; ++k) {
      narrow_ ? psums_.assign(psums, 0) : wide_psums_.assign(psums, 0);
      for (int m = 0; m < kernels_.bases(); ++m) run_slice(k, m);
      queue_rows();
      hand_over(n, k, pass, sums);
    }
    meet(pass.filters.size());
  }
  const std::int64_t blocks = pass.filters.size();
  const int completed = rows_.empty() ? 0 : input_.grid().row_taps[static_cast<std::size_t>(rows_.back())];
  events_.drain(drain_cycles(design_, layer_.shape, completed),
                blocks * std::min(kernels_.bases(), design_.slices) * design_.multipliers, design_.pes());
  return accounts_.work(events_, pass);
}

void SumFirst::load(int n, const TilePass& pass) {
  if (input_.load(n, pass.group, pass.rows)) {
    const TileGrid& grid = input_.grid();
    streams_.reset(input_.channels(), grid.pixels());
    nonzeros_.clear();
    for (int c = 0; c < input_.channels(); ++c) {
      nonzeros_.push_back(streams_.mark(c, input_.plane(c), 1, 0, grid.pixels()));
    }
    kernels_.place(grid, pass.rows.size());
    rows_ = used(grid.row_taps);
    columns_ = used(grid.column_taps);
    cycles_.resize(of_basis(kernels_.bases()));
    effectual_.resize(cycles_.size());
    sums_.resize(static_cast<std::size_t>(input_.pitch()));
  }
  barrier_.reset(static_cast<std::int64_t>(rows_.size()) * ceil_div(kernels_.bases(), design_.slices));
}

void SumFirst::run_slice(int filter, int basis) {
  coefficients_.read(filter, basis, design_.stage_1.lanes, row_);
  std::int32_t* effectual = effectual_.data() + of_basis(basis);
  streams_.time(row_.map, {}, cycles_.data() + of_basis(basis), effectual);
  sum_planes(input_.plane(0), input_.pitch(), row_.plus, row_.minus, sums_.data());
  convolve(basis);

  const PlaneSlots slots = count_slots({kernels_.taps(), kernels_.cycles(), kernels_.conflicts(),
                                        kernels_.nonzero_taps(basis), sums_.data(), effectual},
                                       input_.grid().pixels());
  const std::int64_t spent = slots.cycles * design_.multipliers;
  events_.bins.add(Bin::compute, slots.effectual);
  events_.bins.add(Bin::gated, slots.taps - slots.effectual);
  events_.bins.add(Bin::wait_psums, slots.conflicts);
  events_.bins.add(Bin::imbalance, spent - slots.taps - slots.conflicts);
  events_.bins.add(Bin::wait_activations, -spent);  // of the slice's time, which meet() adds
  events_.queued += slots.sums;
  events_.summed += slots.effectual;
  for (const int c : row_.plus) events_.terms += nonzeros_[static_cast<std::size_t>(c)];
  for (const int c : row_.minus) events_.terms += nonzeros_[static_cast<std::size_t>(c)];
}

void SumFirst::SliceTime::restart() {
  ended = -1;
  idle_from = 0;
  place = 0;
  std::fill(starts.begin(), starts.end(), -1);
}

// Stage 1 has a sum; stage 2 takes so many cycles for it.
void SumFirst::SliceTime::queue(std::int64_t cycles) {
  std::int64_t& start = starts[place];
  ended = std::max(ended, start + 1);  // the queue has a place
  start = std::max(ended + 1, idle_from);
  idle_from = start + cycles;
  if (++place == starts.size()) place = 0;
}

// A block's slices, row after row and round after round.
void SumFirst::queue_rows() {
  const int bases = kernels_.bases();
  std::int64_t meeting = 0;
  for (const int row : rows_) {
    for (int first = 0; first < bases; first += design_.slices, ++meeting) {
      const int end = std::min(bases, first + design_.slices);
      time_row(row, first, end);
      for (int m = first; m < end; ++m)
        barrier_.arrive(meeting, times_[static_cast<std::size_t>(m - first)].cycles());
    }
  }
}

// Slices for bases `first` to `end`: when stage 1 ends each pixel, and when stage 2 starts its sum.
void SumFirst::time_row(int row, int first, int end) {
  const std::int64_t fetch = design_.fetch(input_.channels());
  feed_.restart();
  for (SliceTime& time : times_) time.restart();
  for (const int column : columns_) {
    const auto pixel = static_cast<std::size_t>(std::int64_t{row} * input_.grid().columns + column);
    const std::int64_t in_window = feed_.begin(fetch) + 1;  // at the end of this cycle
    std::int64_t last = 0;
    for (int m = first; m < end; ++m) {
      SliceTime& time = times_[static_cast<std::size_t>(m - first)];
      const std::size_t at = of_basis(m) + pixel;
      events_.walked += cycles_[at];
      time.ended = std::max(time.ended, in_window) + cycles_[at];
      if (effectual_[at] != 0) time.queue(kernels_.cycles()[pixel]);
      last = std::max(last, time.ended);
    }
    feed_.end(last);
  }
}

// All slices of all blocks meet after each round of each row.
void SumFirst::meet(int filters) {
  const std::int64_t rounds = ceil_div(kernels_.bases(), design_.slices);
  std::int64_t mapped = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (std::int64_t round = 0; round < rounds; ++round) {
      const std::int64_t cycles = barrier_.cycles(static_cast<std::int64_t>(row) * rounds + round);
      const std::int64_t slices =
          std::min<std::int64_t>(kernels_.bases() - round * design_.slices, design_.slices);
      events_.cycles += cycles;
      mapped += cycles * slices * filters;
      events_.bins.add(Bin::idle, (design_.pes() - slices * filters * design_.multipliers) * cycles);
    }
  }
  events_.bins.add(Bin::wait_activations, barrier_.busy() * design_.multipliers);
  events_.bins.add(Bin::imbalance, (mapped - barrier_.busy()) * design_.multipliers);

  const std::int64_t walks = std::int64_t{filters} * kernels_.bases() *
                             static_cast<std::int64_t>(rows_.size()) *
                             static_cast<std::int64_t>(columns_.size());
  events_.map_rows += walks * streams_.rows();
  events_.row_reads += walks / kernels_.bases() * rounds * streams_.rows();  // for all slices of a block
}

void SumFirst::convolve(int basis) {
  if (narrow_) {
    convolve_plane(kernels_.convolution(), kernels_.weights(basis), sums_.data(), psums_.data());
  } else {
    convolve_plane(kernels_.convolution(), kernels_.weights(basis), sums_.data(), wide_psums_.data());
  }
}

void SumFirst::hand_over(int n, int filter, const TilePass& pass, Ofmap& sums) const {
  const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(filter)];
  for (int p = 0; p < pass.rows.size(); ++p) {
    const auto first = static_cast<std::size_t>(p) * static_cast<std::size_t>(input_.grid().columns);
    for (int q = 0; q < sums.Q; ++q) {
      const std::size_t at = first + static_cast<std::size_t>(q);
      sums.sums[sums.at(n, pass.rows.first + p, q, filter)] = bias + (narrow_ ? psums_[at] : wide_psums_[at]);
    }
  }
}

}  // namespace basil::basis_first
