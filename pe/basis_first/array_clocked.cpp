#include "pe/basis_first/array_clocked.h"

#include <fmt/format.h>

#include <algorithm>

#include "traces/encodings/basis.h"

namespace basil::basis_first {

std::vector<ClockedSignal> signals(const UnitParameters& parameters) {
  std::vector<ClockedSignal> signals;
  for (int slice = 0; slice < parameters.at("slices"); ++slice) {
    const std::string name = fmt::format("slice{}.", slice);
    signals.push_back({name + "window_terms", 10});
    signals.push_back({name + "lanes_busy", 7});
    signals.push_back({name + "queue_fill", 7});
    signals.push_back({name + "stalled", 1});
    signals.push_back({name + "multiplies", 7});
  }
  return signals;
}

ArrayClocked::ArrayClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
    : layer_(layer),
      design_(parameters),
      pass_(pass),
      accounts_(layer, design_),
      operands_(layer, design_, pass_),
      feeds_(static_cast<std::size_t>(design_.blocks), RowFeedClocked(design_.banks())),
      at_work_(static_cast<std::size_t>(design_.blocks) * static_cast<std::size_t>(design_.slices)),
      psums_(static_cast<std::size_t>(design_.slices)) {
  const std::int64_t pixels = std::int64_t{pass.n.size()} * pass.rows.size() * layer.shape.Q();
  for (auto& psums : psums_) psums.assign(static_cast<std::size_t>(pixels * pass.filters.size()), 0);
}

bool ArrayClocked::all_done() const {
  for (std::size_t slice = 0; slice < slices_.size(); ++slice) {
    if (at_work_[slice] != 0 && !slices_[slice]->done()) return false;
  }
  return true;
}

// The next work starts as soon as all slices are done with theirs.
void ArrayClocked::meet() {
  while (all_done()) {
    std::fill(at_work_.begin(), at_work_.end(), 0);
    if (!start_next()) {
      state_ = State::drain;
      return;
    }
  }
}

void ArrayClocked::take_psums() {
  for (std::size_t slice = 0; slice < slices_.size(); ++slice) {
    for (const PsumAdd& add : slices_[slice]->leaving()) {
      psums_[slice % psums_.size()][add.psum] += add.value;
      ++events_.summed;
    }
  }
}

void ArrayClocked::step() {
  ++events_.cycles;
  take_psums();
  if (state_ == State::drain) return drain();
  for (RowFeedClocked& feed : feeds_) events_.row_reads += feed.step();
  for (std::size_t slice = 0; slice < slices_.size(); ++slice) {
    if (at_work_[slice] != 0) {
      slices_[slice]->step(events_);
    } else {
      slices_[slice]->rest();
      events_.bins.add(Bin::idle, design_.multipliers);
    }
  }
  for (const auto& slice : slices_) slice->commit();
  meet();
}

void ArrayClocked::drain() {
  for (int block = 0; block < design_.blocks; ++block) {
    for (int slice = 0; slice < design_.slices; ++slice) {
      const bool used = block < pass_.filters.size() && slice < slices_used();
      events_.bins.add(used ? Bin::drain : Bin::idle, design_.multipliers);
    }
  }
  for (const auto& slice : slices_) slice->rest(), slice->commit();
  if (++drained_ == drain_cycles(design_, layer_.shape, rows_completed())) state_ = State::done;
}

TileWork ArrayClocked::work() const { return accounts_.work(events_, pass_); }

// The tree adds up the slices' psums.
void ArrayClocked::hand_over(Ofmap& sums) const {
  std::size_t from = 0;
  for (int n = pass_.n.first; n < pass_.n.end; ++n) {
    for (int p = pass_.rows.first; p < pass_.rows.end; ++p) {
      for (int q = 0; q < sums.Q; ++q) {
        for (int k = pass_.filters.first; k < pass_.filters.end; ++k, ++from) {
          std::int64_t& sum = sums.sums[sums.at(n, p, q, k)];
          sum = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(k)];
          for (const auto& psums : psums_) sum += psums[from];
        }
      }
    }
  }
}

// Coefficients of a filter, or its weights where it has none.
std::int64_t ArrayClocked::nonzeros(int filter) const {
  std::vector<std::int16_t> words = operands_.coefficients;
  std::int64_t count = layer_.shape.reduction();
  std::int64_t first = 0;
  if (words.empty()) {
    words.resize(static_cast<std::size_t>(count));
    SliceReader(layer_.weights).read(filter * count, count, words.data());
  } else {
    count = std::int64_t{layer_.weights.parts<Basis>().bases} * layer_.weights.extent.depth;
    first = filter * count;
  }
  const auto begin = words.begin() + first;
  return count - std::count(begin, begin + count, std::int16_t{0});
}

// A block takes every filter that is its number beyond the first, modulo the blocks.
std::vector<std::int64_t> ArrayClocked::effectual_work() const {
  std::vector<std::int64_t> work(static_cast<std::size_t>(design_.blocks));
  for (int filter = pass_.filters.first; filter < pass_.filters.end; ++filter)
    work[static_cast<std::size_t>((filter - pass_.filters.first) % design_.blocks)] += nonzeros(filter);
  return work;
}

std::vector<double> ArrayClocked::view(int row) const {
  std::vector<double> values;
  for (int slice = 0; slice < design_.slices; ++slice) {
    const SliceView view = slices_[place(row, slice)]->view();
    for (const int value :
         {view.window_terms, view.lanes_busy, view.queue_fill, view.stalled, view.multiplies}) {
      values.push_back(value);
    }
  }
  return values;
}

}  // namespace basil::basis_first
