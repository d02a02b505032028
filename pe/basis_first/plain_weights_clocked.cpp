#include "pe/basis_first/plain_weights_clocked.h"

#include <algorithm>

namespace basil::basis_first {
namespace {

std::int64_t reduction_rows(const ClockedOperands& operands) {
  return ceil_div(operands.layer.shape.reduction(), operands.design.multipliers);
}

PixelPlaces places_of(const ClockedOperands& operands) {
  return {operands.design, operands.design.multipliers,
          ceil_div(reduction_rows(operands), operands.design.slices)};
}

}  // namespace

PlainSlice::PlainSlice(const ClockedOperands& operands, int first_row)
    : operands_(operands),
      places_(places_of(operands)),
      rows_(
          std::max<std::int64_t>(0, ceil_div(reduction_rows(operands) - first_row, operands.design.slices))),
      first_row_(first_row),
      pixels_(places_.places),
      window_(operands.design.plain()) {}

void PlainSlice::start(int filter, const std::vector<std::int16_t>& weights, int p) {
  filter_ = filter;
  weights_ = &weights;
  p_ = p;
  q_ = 0;
  part_ = -1;
  next_part();
}

// Parts that have a row for this slice, value after value.
void PlainSlice::next_part() {
  accumulated_ = 0;
  terms_ = 0;
  open_ = false;
  if (++part_ * places_.rows < rows_) return;
  part_ = 0;
  ++q_;
}

void PlainSlice::open_window() {
  open_ = true;
  const std::int64_t first = part_ * places_.rows;
  window_.start(static_cast<int>(std::min(places_.rows, rows_ - first)),
                [this, first](int row, int lane) { return operands_at(first, row, lane); });
}

// The activation has come from the row store, the weight from the slice's own.
LaneTerm PlainSlice::operands_at(std::int64_t first, int row, int lane) const {
  const int lanes = operands_.design.multipliers;
  const std::int64_t at = (first_row_ + (first + row) * operands_.design.slices) * lanes + lane;
  if (at >= operands_.layer.shape.reduction()) return {};
  return {pixels_.activation(static_cast<std::size_t>(row * lanes + lane)),
          (*weights_)[static_cast<std::size_t>(at)]};
}

bool PlainSlice::done() const { return q_ == operands_.layer.shape.Q(); }

void PlainSlice::commit() {
  SliceClocked::commit();
  const bool comes = !open_ && pixels_.whole();
  pixels_.commit();
  if (comes) open_window();
}

void PlainSlice::step(Events& events) {
  leaving_.set({});
  view_.lanes_busy = view_.multiplies = 0;
  const int multipliers = operands_.design.multipliers;
  if (!open_) {
    events.bins.add(done() ? Bin::imbalance : Bin::wait_activations, multipliers);
    return;
  }
  const LaneWindowClocked::Cycle& cycle = window_.look();
  for (const LaneTerm& term : cycle.taken) accumulated_ += term.activation * term.weight;
  const auto taken = static_cast<int>(cycle.taken.size());
  terms_ += taken;
  ++events.walked;
  events.weights_read += taken;
  events.bins.add(Bin::compute, taken);
  events.bins.add(Bin::imbalance, multipliers - taken);
  view_.lanes_busy = view_.multiplies = taken;
  window_.clock();
  if (cycle.ends) {
    if (terms_ > 0) leaving_.set({{operands_.psum(filter_, p_, q_), accumulated_}});
    pixels_.leave();
    next_part();
  }
  events.map_rows += window_.take_rows_read();
}

SliceView PlainSlice::view() const {
  SliceView view = view_;
  view.window_terms = window_.terms();
  return view;
}

PlainWeightsClocked::PlainWeightsClocked(const Layer& layer, const UnitParameters& parameters,
                                         const TilePass& pass)
    : ArrayClocked(layer, parameters, pass) {
  const SliceReader reader(layer.weights);
  const std::int64_t length = layer.shape.reduction();
  for (int k = pass.filters.first; k < pass.filters.end; ++k) {
    weights_.emplace_back(static_cast<std::size_t>(length));
    reader.read(k * length, length, weights_.back().data());
  }
  for (int slice = 0; slice < design_.blocks * design_.slices; ++slice) {
    slices_.push_back(std::make_unique<PlainSlice>(operands_, slice % design_.slices));
  }
  operands_.n = pass.n.first;
  operands_.input.load(operands_.n, pass.group, pass.rows);
  begin();
}

int PlainWeightsClocked::slices_used() const {
  return static_cast<int>(std::min<std::int64_t>(design_.slices, reduction_rows(operands_)));
}

// Rows of the ofmap, images.
bool PlainWeightsClocked::start_next() {
  if (++p_ == pass_.rows.size()) {
    p_ = 0;
    if (++operands_.n == pass_.n.end) return false;
    operands_.input.load(operands_.n, pass_.group, pass_.rows);
  }
  for (int block = 0; block < pass_.filters.size(); ++block) {
    for (int slice = 0; slice < slices_used(); ++slice) {
      put_to_work(block, slice);
      static_cast<PlainSlice&>(*slices_[place(block, slice)])
          .start(pass_.filters.first + block, weights_[static_cast<std::size_t>(block)], p_);
    }
    feed(block);
  }
  return true;
}

// The row store deals out the positions of the row's ofmap values.
void PlainWeightsClocked::feed(int block) {
  std::vector<PixelStoreClocked*> stores;
  for (int slice = 0; slice < slices_used(); ++slice)
    stores.push_back(&static_cast<PlainSlice&>(*slices_[place(block, slice)]).pixels());
  const std::int64_t rows = reduction_rows(operands_), step = places_of(operands_).rows * design_.slices;
  std::deque<RowFeedClocked::Item> parts;
  for (int q = 0; q < layer_.shape.Q(); ++q) {
    for (std::int64_t row = 0; row < rows; row += step)
      parts.push_back(part_of(stores, q, row, std::min(rows, row + step)));
  }
  feeds_[static_cast<std::size_t>(block)].start(std::move(parts));
}

// Row i of the reduction belongs to slice i mod slices; so many slices as there are rows take part.
RowFeedClocked::Item PlainWeightsClocked::part_of(const std::vector<PixelStoreClocked*>& stores, int q,
                                                  std::int64_t first_row, std::int64_t end_row) const {
  const int lanes = design_.stage_1.lanes, multipliers = design_.multipliers;
  const std::int64_t first = first_row * multipliers;
  const std::int64_t end = std::min(end_row * multipliers, layer_.shape.reduction());
  const auto taking = std::min<std::int64_t>(static_cast<std::int64_t>(stores.size()), end_row - first_row);
  return {{stores.begin(), stores.begin() + taking},
          static_cast<int>(ceil_div(end - first, lanes)),
          [=, this, p = p_](int word) {
            for (std::int64_t at = first + word * lanes; at < std::min(end, first + (word + 1) * lanes); ++at)
              stores[static_cast<std::size_t>(at / multipliers % design_.slices)]->push(
                  operands_.reduction(p, q, at));
          }};
}

}  // namespace basil::basis_first
