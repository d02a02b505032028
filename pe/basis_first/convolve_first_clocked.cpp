#include "pe/basis_first/convolve_first_clocked.h"

#include <algorithm>

#include "traces/encodings/basis.h"

namespace basil::basis_first {

ConvolveFirstSlice::ConvolveFirstSlice(ClockedOperands& operands)
    : operands_(operands), window_(operands.design.stage_1) {}

void ConvolveFirstSlice::start_channel(int channel, int basis) {
  convolves_ = true;
  channel_ = channel;
  basis_ = basis;
  p_ = 0;
  q_ = -1;
  end_p_ = operands_.pass.rows.size();
  next_value();
}

void ConvolveFirstSlice::start_row(int filter, int basis, int p) {
  convolves_ = false;
  filter_ = filter;
  basis_ = basis;
  p_ = p;
  q_ = -1;
  end_p_ = p + 1;
  next_value();
}

void ConvolveFirstSlice::next_value() {
  accumulated_ = 0;
  terms_ = 0;
  const int Q = operands_.layer.shape.Q();
  if (++q_ == Q) {
    q_ = 0;
    if (++p_ == end_p_) return;
  }
  if (convolves_) return find_taps();
  const int lanes = operands_.design.stage_1.lanes, channels = operands_.input.channels();
  const std::int64_t* values =
      operands_.maps[static_cast<std::size_t>(basis_)].data() + (std::int64_t{p_} * Q + q_) * channels;
  window_.start(static_cast<int>(ceil_div(channels, lanes)),
                [this, lanes, channels, values](int row, int lane) {
                  const int channel = row * lanes + lane;
                  if (channel >= channels) return LaneTerm{};
                  return LaneTerm{values[channel], operands_.coefficient(filter_, basis_, channel)};
                });
}

// Those that lie on the plane.
void ConvolveFirstSlice::find_taps() {
  const LayerShape& shape = operands_.layer.shape;
  const int top = operands_.input.grid().top;
  taps_.clear();
  for (int r = 0; r < shape.R; ++r) {
    for (int s = 0; s < shape.S; ++s) {
      const Tap tap{r, s, p_ * shape.stride_y + r * shape.dilation_y,
                    q_ * shape.stride_x + s * shape.dilation_x};
      const int y = top + tap.y, x = tap.x - shape.pad_left;
      if (y >= 0 && y < shape.H && x >= 0 && x < shape.W) taps_.push_back(tap);
    }
  }
}

bool ConvolveFirstSlice::done() const { return p_ == end_p_; }

void ConvolveFirstSlice::step(Events& events) {
  leaving_.set({});
  view_.lanes_busy = view_.multiplies = 0;
  if (done()) {
    events.bins.add(Bin::imbalance, operands_.design.multipliers);
  } else if (convolves_) {
    convolve(events);
  } else {
    sum(events);
  }
}

// A row of multipliers works on the taps of one value, which goes to the buffer in its last cycle.
void ConvolveFirstSlice::convolve(Events& events) {
  const int multipliers = operands_.design.multipliers;
  const auto used = std::min<std::ptrdiff_t>(
      {multipliers, operands_.design.banks(), static_cast<std::ptrdiff_t>(taps_.size())});
  for (auto tap = taps_.begin(); tap != taps_.begin() + used; ++tap) {
    const std::int64_t product =
        operands_.kernel(basis_, tap->r, tap->s) * operands_.activation(tap->y, tap->x, channel_);
    if (basis_ % operands_.design.slices == 0) ++events.row_reads;  // the other slices listen
    events.bins.add(product == 0 ? Bin::gated : Bin::compute, 1);
    if (product != 0) ++view_.multiplies;
    accumulated_ += product;
  }
  taps_.erase(taps_.begin(), taps_.begin() + used);
  if (!taps_.empty()) return events.bins.add(Bin::wait_activations, multipliers - used);
  // A value that lies on padding alone still takes its cycle.
  events.bins.add(used == 0 ? Bin::gated : Bin::imbalance, multipliers - used);
  const std::int64_t pixel = std::int64_t{p_} * operands_.layer.shape.Q() + q_;
  operands_.maps[static_cast<std::size_t>(basis_)]
                [static_cast<std::size_t>(pixel * operands_.input.channels() + channel_)] = accumulated_;
  next_value();
}

void ConvolveFirstSlice::sum(Events& events) {
  const LaneWindowClocked::Cycle& cycle = window_.look();
  for (const LaneTerm& term : cycle.taken)
    accumulated_ += term.weight > 0 ? term.activation : -term.activation;
  const auto taken = static_cast<int>(cycle.taken.size());
  terms_ += taken;
  events.terms += taken;
  ++events.walked;
  events.bins.add(Bin::wait_psums, operands_.design.multipliers);
  view_.lanes_busy = taken;
  window_.clock();
  if (cycle.ends) {
    if (terms_ > 0) leaving_.set({{operands_.psum(filter_, p_, q_), accumulated_}});
    next_value();
  }
  events.map_rows += window_.take_rows_read();
}

SliceView ConvolveFirstSlice::view() const {
  SliceView view = view_;
  view.window_terms = convolves_ ? 0 : window_.terms();
  return view;
}

ConvolveFirstClocked::ConvolveFirstClocked(const Layer& layer, const UnitParameters& parameters,
                                           const TilePass& pass)
    : ArrayClocked(layer, parameters, pass) {
  for (int slice = 0; slice < design_.blocks * design_.slices; ++slice) {
    slices_.push_back(std::make_unique<ConvolveFirstSlice>(operands_));
  }
  operands_.n = pass.n.first;
  load();
  begin();
}

int ConvolveFirstClocked::slices_used() const {
  return std::min(layer_.weights.parts<Basis>().bases, design_.slices);
}

// An image: stage A comes first.
void ConvolveFirstClocked::load() {
  operands_.input.load(operands_.n, pass_.group, pass_.rows);
  const std::int64_t values = std::int64_t{pass_.rows.size()} * layer_.shape.Q() * operands_.input.channels();
  operands_.maps.assign(static_cast<std::size_t>(layer_.weights.parts<Basis>().bases),
                        std::vector<std::int64_t>(static_cast<std::size_t>(values)));
  convolves_ = true;
  first_channel_ = 0;
  first_basis_ = -design_.slices;
}

// Stage A: rounds of bases, of channels. Stage B: rounds of bases, ofmap rows, rounds of filters.
bool ConvolveFirstClocked::start_next() {
  first_basis_ += design_.slices;
  if (first_basis_ >= layer_.weights.parts<Basis>().bases) {
    first_basis_ = 0;
    if (convolves_) {
      first_channel_ += design_.blocks;
      if (first_channel_ >= operands_.input.channels()) {
        convolves_ = false;
        p_ = 0;
        first_filter_ = pass_.filters.first;
      }
    } else if (++p_ == pass_.rows.size()) {
      p_ = 0;
      first_filter_ += design_.blocks;
      if (first_filter_ >= pass_.filters.end) {
        if (++operands_.n == pass_.n.end) return false;
        load();
        first_basis_ = 0;
      }
    }
  }
  convolves_ ? start_channels() : start_row();
  return true;
}

void ConvolveFirstClocked::start_channels() {
  for (int block = 0; block < std::min(design_.blocks, operands_.input.channels() - first_channel_);
       ++block) {
    for (int slice = 0; slice < std::min(design_.slices, layer_.weights.parts<Basis>().bases - first_basis_);
         ++slice) {
      put_to_work(block, slice);
      static_cast<ConvolveFirstSlice&>(*slices_[place(block, slice)])
          .start_channel(first_channel_ + block, first_basis_ + slice);
    }
  }
}

void ConvolveFirstClocked::start_row() {
  for (int block = 0; block < std::min(design_.blocks, pass_.filters.end - first_filter_); ++block) {
    for (int slice = 0; slice < std::min(design_.slices, layer_.weights.parts<Basis>().bases - first_basis_);
         ++slice) {
      put_to_work(block, slice);
      static_cast<ConvolveFirstSlice&>(*slices_[place(block, slice)])
          .start_row(first_filter_ + block, first_basis_ + slice, p_);
    }
  }
}

}  // namespace basil::basis_first
