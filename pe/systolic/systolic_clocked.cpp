#include "pe/systolic/systolic_clocked.h"

#include <fmt/format.h>

#include <string>

#include "core/error.h"

namespace basil {
namespace {

void require_fits(const char* what, int size, const char* side, int places) {
  if (size < 1 || size > places) {
    throw Error("systolic grid", fmt::format("{} {} for {} {}", size, what, places, side),
                fmt::format("1 to {}", places));
  }
}

void require_words(const char* operand, std::size_t found, std::size_t expected) {
  if (found != expected) {
    throw Error(fmt::format("systolic grid: {}", operand), fmt::format("{} words", found),
                std::to_string(expected));
  }
}

std::size_t at(int row, int cols, int col) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) + static_cast<std::size_t>(col);
}

// The fold itself, once it is known to fit: `along_rows` of `what` lie along the grid's rows.
template <class Word>
const SystolicFold<Word>& checked(const SystolicGrid& grid, const SystolicFold<Word>& fold, const char* what,
                                  int along_rows) {
  require_fits(what, along_rows, "rows", grid.rows);
  require_fits("filters", fold.filters, "columns", grid.cols);
  require_words("activations", fold.activations.size(), at(fold.pixels, fold.reduction, 0));
  require_words("weights", fold.weights.size(), at(fold.reduction, fold.filters, 0));
  return fold;
}

}  // namespace

SystolicCounters::SystolicCounters(const SystolicGrid& grid, int mapped_rows, int mapped_cols)
    : cols_(grid.cols),
      mapped_rows_(mapped_rows),
      mapped_cols_(mapped_cols),
      states_(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.cols),
              SystolicState::wait_activations) {}

void SystolicCounters::count(int row, int col, bool loading, bool active, bool gated) {
  SystolicState& state = states_[index(row, col)];
  const bool has_multiplied =
      state == SystolicState::product || state == SystolicState::gated || state == SystolicState::drain;
  if (row >= mapped_rows_ || col >= mapped_cols_) {
    state = SystolicState::idle;
    ++timing_.idle;
  } else if (loading) {
    state = SystolicState::wait_weights;
    ++timing_.wait_weights;
  } else if (active) {
    state = gated ? SystolicState::gated : SystolicState::product;
    ++timing_.products;
    gated_ += gated ? 1 : 0;
  } else if (has_multiplied) {
    state = SystolicState::drain;
    ++timing_.drain;
  } else {
    state = SystolicState::wait_activations;
    ++timing_.wait_activations;
  }
}

template <class Word>
WeightStationaryClocked<Word>::WeightStationaryClocked(const SystolicGrid& grid,
                                                       const SystolicFold<Word>& fold, bool zero_gating)
    : grid_(grid),
      fold_(checked(grid, fold, "reduction steps", fold.reduction)),
      zero_gating_(zero_gating),
      counters_(grid, fold.reduction, fold.filters),
      pes_(at(grid.rows, grid.cols, 0)),
      pixels_out_(static_cast<std::size_t>(grid.cols)),
      sums_(at(fold.pixels, fold.filters, 0)) {}

template <class Word>
const typename WeightStationaryClocked<Word>::Pe& WeightStationaryClocked<Word>::pe(int row, int col) const {
  return pes_[at(row, grid_.cols, col)];
}

// The weight feeder over the grid sends the bottom row's weights first; outside the fold it sends zeros.
template <class Word>
Word WeightStationaryClocked<Word>::weight_above(int row, int col) const {
  if (row > 0) return pe(row - 1, col).weight.get();
  const int reduction = grid_.rows - 1 - static_cast<int>(cycle_.get());
  if (reduction >= fold_.reduction || col >= fold_.filters) return Word{};
  return fold_.weights[at(reduction, fold_.filters, col)];
}

// The activation feeder of a row starts when the weights are in, and `row` cycles after the first one.
template <class Word>
Flit<Word> WeightStationaryClocked<Word>::activation_left(int row, int col) const {
  if (col > 0) return pe(row, col - 1).activation.get();
  const std::int64_t pixel = cycle_.get() - grid_.rows - row;
  if (pixel < 0 || pixel >= fold_.pixels) return {};
  if (row >= fold_.reduction) return {true, Word{}};
  return {true, fold_.activations[at(static_cast<int>(pixel), fold_.reduction, row)]};
}

template <class Word>
void WeightStationaryClocked<Word>::step_pe(int row, int col) {
  Pe& self = pes_[at(row, grid_.cols, col)];
  const bool loading = cycle_.get() < grid_.rows;
  if (loading) {
    self.weight.set(weight_above(row, col));
    // Words of the fold alone; the feeder's zeros before them keep a register as it is.
    const std::int64_t reduction = grid_.rows - 1 - cycle_.get() + row;
    if (cycle_.get() >= row && reduction < fold_.reduction && col < fold_.filters) ++weight_writes_;
  }
  const Flit<Word> activation = activation_left(row, col);
  const bool gated = zero_gating_ && activation.value == Word{};
  Flit<Sum> psum{activation.valid, row > 0 ? pe(row - 1, col).psum.get().value : Sum{}};
  if (activation.valid && !gated) psum.value += multiply(activation.value, self.weight.get());
  self.activation.set(activation);
  self.psum.set(psum);
  counters_.count(row, col, loading, activation.valid, gated);
}

// The output registers are the bottom row's psum registers: a valid one holds the column's next pixel.
template <class Word>
void WeightStationaryClocked<Word>::collect() {
  for (int col = 0; col < grid_.cols; ++col) {
    const Flit<Sum>& psum = pe(grid_.rows - 1, col).psum.get();
    if (!psum.valid) continue;
    const int pixel = pixels_out_[static_cast<std::size_t>(col)]++;
    if (col < fold_.filters) sums_[at(pixel, fold_.filters, col)] = psum.value;
    ++sums_out_;
  }
}

template <class Word>
void WeightStationaryClocked<Word>::step() {
  for (int row = 0; row < grid_.rows; ++row) {
    for (int col = 0; col < grid_.cols; ++col) step_pe(row, col);
  }
  cycle_.set(cycle_.get() + 1);
  for (Pe& each : pes_) {
    each.weight.commit();
    each.activation.commit();
    each.psum.commit();
  }
  cycle_.commit();
  counters_.end_cycle();
  collect();
}

template <class Word>
SystolicPeView<Word> WeightStationaryClocked<Word>::view(int row, int col) const {
  const Pe& seen = pe(row, col);
  return {counters_.state(row, col), seen.activation.get().valid, seen.activation.get().value,
          seen.weight.get(), seen.psum.get().value};
}

template <class Word>
OutputStationaryClocked<Word>::OutputStationaryClocked(const SystolicGrid& grid,
                                                       const SystolicFold<Word>& fold, bool zero_gating)
    : grid_(grid),
      fold_(checked(grid, fold, "pixels", fold.pixels)),
      zero_gating_(zero_gating),
      counters_(grid, fold.pixels, fold.filters),
      pes_(at(grid.rows, grid.cols, 0)),
      sums_(at(fold.pixels, fold.filters, 0)) {}

template <class Word>
const typename OutputStationaryClocked<Word>::Pe& OutputStationaryClocked<Word>::pe(int row, int col) const {
  return pes_[at(row, grid_.cols, col)];
}

// Feeders at the edges start row i and column j so many cycles late; outside the fold they send zeros.
template <class Word>
void OutputStationaryClocked<Word>::step_pe(int row, int col) {
  const auto fed = [&](int skew, bool mapped, std::span<const Word> words, auto&& address) -> Flit<Word> {
    const std::int64_t step = cycle_.get() - skew;
    if (step < 0 || step >= fold_.reduction) return {};
    return {true, mapped ? words[address(static_cast<int>(step))] : Word{}};
  };
  const Flit<Word> activation = col > 0 ? pe(row, col - 1).activation.get()
                                        : fed(row, row < fold_.pixels, fold_.activations,
                                              [&](int step) { return at(row, fold_.reduction, step); });
  const Flit<Word> weight = row > 0 ? pe(row - 1, col).weight.get()
                                    : fed(col, col < fold_.filters, fold_.weights,
                                          [&](int step) { return at(step, fold_.filters, col); });
  Pe& self = pes_[at(row, grid_.cols, col)];
  self.activation.set(activation);
  self.weight.set(weight);
  const bool gated = zero_gating_ && activation.value == Word{};
  if (activation.valid && !gated) { self.sum.set(self.sum.get() + multiply(activation.value, weight.value)); }
  if (activation.valid && row + 1 == grid_.rows && col + 1 == grid_.cols) ++last_products_;
  counters_.count(row, col, false, activation.valid, gated);
}

template <class Word>
void OutputStationaryClocked<Word>::load_shadow() {
  for (Pe& each : pes_) {
    each.shadow.set(each.sum.get());
    each.shadow.commit();
  }
}

// Bottom shadow registers leave the grid, the others move down a row.
template <class Word>
void OutputStationaryClocked<Word>::shift_shadow() {
  const int leaving = grid_.rows - 1 - static_cast<int>(shift_out_.value);
  for (int col = 0; col < grid_.cols; ++col) {
    if (leaving < fold_.pixels && col < fold_.filters) {
      sums_[at(leaving, fold_.filters, col)] = pe(grid_.rows - 1, col).shadow.get();
    }
    for (int row = 0; row < grid_.rows; ++row) {
      pes_[at(row, grid_.cols, col)].shadow.set(row > 0 ? pe(row - 1, col).shadow.get() : Sum{});
    }
  }
  for (Pe& each : pes_) each.shadow.commit();
  shift_out_ += Cycles(1);
}

template <class Word>
void OutputStationaryClocked<Word>::step() {
  if (done()) return shift_shadow();
  for (int row = 0; row < grid_.rows; ++row) {
    for (int col = 0; col < grid_.cols; ++col) step_pe(row, col);
  }
  cycle_.set(cycle_.get() + 1);
  for (Pe& each : pes_) {
    each.activation.commit();
    each.weight.commit();
    each.sum.commit();
  }
  cycle_.commit();
  counters_.end_cycle();
  if (done()) load_shadow();
}

template <class Word>
SystolicPeView<Word> OutputStationaryClocked<Word>::view(int row, int col) const {
  const Pe& seen = pe(row, col);
  return {counters_.state(row, col), seen.activation.get().valid, seen.activation.get().value,
          seen.weight.get().value, seen.sum.get()};
}

template class WeightStationaryClocked<std::int16_t>;
template class WeightStationaryClocked<float>;
template class OutputStationaryClocked<std::int16_t>;
template class OutputStationaryClocked<float>;

}  // namespace basil
