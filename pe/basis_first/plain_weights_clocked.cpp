#include "pe/basis_first/plain_weights_clocked.h"

#include <algorithm>

namespace basil::basis_first {
namespace {

std::int64_t reduction_rows(const ClockedOperands& operands) {
  return ceil_div(operands.layer.shape.reduction(), operands.design.multipliers);
}

}  // namespace

PlainSlice::PlainSlice(const ClockedOperands& operands)
    : operands_(operands), window_(operands.design.plain()) {}

void PlainSlice::start(int filter, const std::vector<std::int16_t>& weights, int p, int first_row) {
  filter_ = filter;
  weights_ = &weights;
  p_ = p;
  first_row_ = first_row;
  q_ = -1;
  next_value();
}

void PlainSlice::next_value() {
  accumulated_ = 0;
  terms_ = 0;
  if (++q_ == operands_.layer.shape.Q()) return;
  const std::int64_t rows = ceil_div(reduction_rows(operands_) - first_row_, operands_.design.slices);
  window_.start(static_cast<int>(rows), [this](int row, int lane) { return operands_at(row, lane); });
}

LaneTerm PlainSlice::operands_at(int row, int lane) const {
  const LayerShape& shape = operands_.layer.shape;
  const int depth = shape.channels_per_group();
  const std::int64_t at =
      (first_row_ + std::int64_t{row} * operands_.design.slices) * operands_.design.multipliers + lane;
  if (at >= shape.reduction()) return {};
  const int tap = static_cast<int>(at / depth), channel = static_cast<int>(at % depth);
  const int y = p_ * shape.stride_y + tap / shape.S * shape.dilation_y;
  const int x = q_ * shape.stride_x + tap % shape.S * shape.dilation_x;
  return {operands_.activation(y, x, channel), (*weights_)[static_cast<std::size_t>(at)]};
}

bool PlainSlice::done() const { return q_ == operands_.layer.shape.Q(); }

void PlainSlice::step(Events& events) {
  leaving_.set({});
  view_.lanes_busy = view_.multiplies = 0;
  const int multipliers = operands_.design.multipliers;
  if (done()) {
    events.bins.add(Bin::imbalance, multipliers);
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
    next_value();
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
    slices_.push_back(std::make_unique<PlainSlice>(operands_));
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
          .start(pass_.filters.first + block, weights_[static_cast<std::size_t>(block)], p_, slice);
    }
  }
  return true;
}

}  // namespace basil::basis_first
