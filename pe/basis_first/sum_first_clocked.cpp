#include "pe/basis_first/sum_first_clocked.h"

#include <algorithm>

#include "traces/encodings/basis.h"

namespace basil::basis_first {

SumFirstSlice::SumFirstSlice(const ClockedOperands& operands)
    : operands_(operands),
      pixels_(PixelPlaces(operands.design, operands.design.stage_1.lanes,
                          ceil_div(operands.layer.shape.channels_per_group(), operands.design.stage_1.lanes))
                  .places),
      window_(operands.design.stage_1),
      queue_(operands.design.queue) {}

void SumFirstSlice::start(int filter, int basis, int row) {
  filter_ = filter;
  basis_ = basis;
  row_ = row;
  column_ = -1;
  next_pixel();
}

// The next column that any tap uses.
void SumFirstSlice::next_pixel() {
  const std::vector<int>& taps = operands_.input.grid().column_taps;
  const auto next = std::find_if(taps.begin() + column_ + 1, taps.end(), [](int count) { return count > 0; });
  column_ = static_cast<int>(next - taps.begin());
  accumulated_ = 0;
  terms_ = 0;
  open_ = false;
}

void SumFirstSlice::open_window() {
  open_ = true;
  const int lanes = operands_.design.stage_1.lanes, channels = operands_.input.channels();
  window_.start(static_cast<int>(ceil_div(channels, lanes)), [this, lanes, channels](int row, int lane) {
    const int channel = row * lanes + lane;
    if (channel >= channels) return LaneTerm{};
    return LaneTerm{pixels_.activation(static_cast<std::size_t>(channel)),
                    operands_.coefficient(filter_, basis_, channel)};
  });
}

bool SumFirstSlice::done() const {
  return column_ == operands_.input.grid().columns && queue_.empty() && operand_.get().taps.empty();
}

void SumFirstSlice::step(Events& events) {
  leaving_.set({});
  step_stage_2(events);
  step_stage_1(events);
  events.map_rows += window_.take_rows_read();
}

void SumFirstSlice::commit() {
  SliceClocked::commit();
  queue_.commit();
  operand_.commit();
  const bool comes = !open_ && pixels_.begun();
  pixels_.commit();
  if (comes) open_window();
}

// Lanes add and subtract; the last cycle of a pixel hands the sum to the queue, or waits for its place.
void SumFirstSlice::step_stage_1(Events& events) {
  view_.lanes_busy = view_.stalled = 0;
  if (!open_) return;
  const LaneWindowClocked::Cycle& cycle = window_.look();
  const std::int64_t terms = terms_ + static_cast<std::int64_t>(cycle.taken.size());
  if (cycle.ends && terms > 0 && queue_.room() == 0) {
    view_.stalled = 1;
    return;
  }
  for (const LaneTerm& term : cycle.taken) {
    accumulated_ += term.weight > 0 ? term.activation : -term.activation;
    ++events.terms;
  }
  terms_ = terms;
  ++events.walked;
  view_.lanes_busy = static_cast<int>(cycle.taken.size());
  window_.clock();
  if (!cycle.ends) return;
  if (terms_ > 0) {
    queue_.push({accumulated_, column_});
    ++events.queued;
  }
  pixels_.leave();
  next_pixel();
}

// A row of multipliers works on the taps of one sum.
void SumFirstSlice::step_stage_2(Events& events) {
  const int multipliers = operands_.design.multipliers;
  view_.multiplies = 0;
  Operand operand = operand_.get();
  if (operand.taps.empty()) {
    if (queue_.empty()) {
      events.bins.add(done() ? Bin::imbalance : Bin::wait_activations, multipliers);
      return;
    }
    operand = {queue_.front(), taps_of(queue_.front().column)};
    queue_.pop();
  }
  const std::ptrdiff_t used = taps_without_conflict(operand.taps);
  std::vector<PsumAdd> products;
  for (auto tap = operand.taps.begin(); tap != operand.taps.begin() + used; ++tap) {
    const std::int64_t weight = operands_.kernel(basis_, tap->r, tap->s);
    if (weight == 0 || operand.sum.value == 0) {
      events.bins.add(Bin::gated, 1);
      continue;
    }
    events.bins.add(Bin::compute, 1);
    products.push_back({operands_.psum(filter_, tap->p, tap->q), weight * operand.sum.value});
  }
  operand.taps.erase(operand.taps.begin(), operand.taps.begin() + used);
  events.bins.add(operand.taps.empty() ? Bin::imbalance : Bin::wait_psums, multipliers - used);
  view_.multiplies = static_cast<int>(products.size());
  operand_.set(operand);
  leaving_.set(products);
}

// Of the next ones as many as there are multipliers, up to the first that asks a bank for a second psum.
std::ptrdiff_t SumFirstSlice::taps_without_conflict(const std::vector<Tap>& taps) const {
  std::vector<char> asked(static_cast<std::size_t>(operands_.design.psum_banks));
  std::ptrdiff_t taken = 0;
  for (const Tap& tap : taps) {
    char& bank = asked[static_cast<std::size_t>((tap.p * reach(operands_.layer.shape) + tap.q) %
                                                operands_.design.psum_banks)];
    if (taken == operands_.design.multipliers || bank != 0) break;
    bank = 1;
    ++taken;
  }
  return taken;
}

std::vector<SumFirstSlice::Tap> SumFirstSlice::taps_of(int column) const {
  const LayerShape& shape = operands_.layer.shape;
  std::vector<Tap> taps;
  for (int r = 0; r < shape.R; ++r) {
    for (int s = 0; s < shape.S; ++s) {
      const int y = row_ - r * shape.dilation_y, x = column - s * shape.dilation_x;
      if (y < 0 || x < 0 || y % shape.stride_y != 0 || x % shape.stride_x != 0) continue;
      const Tap tap{r, s, y / shape.stride_y, x / shape.stride_x};
      if (tap.p < operands_.pass.rows.size() && tap.q < shape.Q()) taps.push_back(tap);
    }
  }
  return taps;
}

SliceView SumFirstSlice::view() const {
  SliceView view = view_;
  view.window_terms = window_.terms();
  view.queue_fill = queue_.size();
  return view;
}

SumFirstClocked::SumFirstClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
    : ArrayClocked(layer, parameters, pass) {
  for (int slice = 0; slice < design_.blocks * design_.slices; ++slice) {
    slices_.push_back(std::make_unique<SumFirstSlice>(operands_));
  }
  operands_.n = pass.n.first;
  operands_.input.load(operands_.n, pass.group, pass.rows);
  first_basis_ = layer.weights.parts<Basis>().bases;
  begin();
}

// Nothing comes after the last row that any tap uses: it completes all ofmap rows it meets.
int SumFirstClocked::rows_completed() const {
  const std::vector<int>& taps = operands_.input.grid().row_taps;
  const auto last = std::find_if(taps.rbegin(), taps.rend(), [](int count) { return count > 0; });
  return last == taps.rend() ? 0 : *last;
}

int SumFirstClocked::slices_used() const {
  return std::min(layer_.weights.parts<Basis>().bases, design_.slices);
}

// Rounds of bases on a row, rows of an image, images.
bool SumFirstClocked::start_next() {
  const int bases = layer_.weights.parts<Basis>().bases;
  first_basis_ += design_.slices;
  if (first_basis_ >= bases) {
    first_basis_ = 0;
    do {
      if (++row_ == operands_.input.grid().rows) {
        row_ = 0;
        if (++operands_.n == pass_.n.end) return false;
        operands_.input.load(operands_.n, pass_.group, pass_.rows);
      }
    } while (operands_.input.grid().row_taps[static_cast<std::size_t>(row_)] == 0);
  }
  for (int block = 0; block < pass_.filters.size(); ++block) {
    for (int slice = 0; slice < std::min(design_.slices, bases - first_basis_); ++slice) {
      put_to_work(block, slice);
      static_cast<SumFirstSlice&>(*slices_[place(block, slice)])
          .start(pass_.filters.first + block, first_basis_ + slice, row_);
    }
    feed(block, std::min(design_.slices, bases - first_basis_));
  }
  return true;
}

// The row store broadcasts the row's pixels that any tap uses to the block's slices.
void SumFirstClocked::feed(int block, int slices) {
  std::vector<PixelStoreClocked*> takers;
  for (int slice = 0; slice < slices; ++slice)
    takers.push_back(&static_cast<SumFirstSlice&>(*slices_[place(block, slice)]).pixels());
  const int lanes = design_.stage_1.lanes, channels = operands_.input.channels();
  std::deque<RowFeedClocked::Item> pixels;
  for (int column = 0; column < operands_.input.grid().columns; ++column) {
    if (operands_.input.grid().column_taps[static_cast<std::size_t>(column)] == 0) continue;
    pixels.push_back({takers, static_cast<int>(ceil_div(channels, lanes)), [=, this](int word) {
                        for (int c = word * lanes; c < std::min(channels, (word + 1) * lanes); ++c) {
                          for (PixelStoreClocked* taker : takers)
                            taker->push(operands_.activation(row_, column, c));
                        }
                      }});
  }
  feeds_[static_cast<std::size_t>(block)].start(std::move(pixels));
}

}  // namespace basil::basis_first
