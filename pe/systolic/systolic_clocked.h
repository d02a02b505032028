// The clocked twins of the systolic grid (pe/systolic/systolic.h): a grid of PEs whose registers hand
// operands and sums to their neighbours every clock. All rows and columns shift, whether the fold maps them
// or not; a PE outside the fold holds a zero weight (weight stationary) or sums nothing that is read (output
// stationary), and counts as idle.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "pe/mac/number.h"
#include "pe/systolic/systolic.h"

namespace basil {

// One fold: ofmap(pixels x filters) = activations(pixels x reduction) * weights(reduction x filters), all
// row-major. The operands must outlive the grid.
template <class Word>
struct SystolicFold {
  int pixels = 1, reduction = 1, filters = 1;
  std::span<const Word> activations, weights;
};

// A word on its way, if there is one.
template <class T>
struct Flit {
  bool valid = false;
  T value{};
};

// What a PE did in a cycle.
enum class SystolicState { wait_weights, wait_activations, product, gated, drain, idle };

// One PE as a waveform shows it: registers after the last clock edge.
template <class Word>
struct SystolicPeView {
  SystolicState state = SystolicState::idle;  // of the cycle before
  bool activation_valid = false;
  Word activation{}, weight{};
  SumOf<Word> psum{};
};

// Counts what every PE of a grid does in every cycle.
class SystolicCounters {
 public:
  SystolicCounters(const SystolicGrid& grid, int mapped_rows, int mapped_cols);

  // PE (row, col) in this cycle: does it shift a weight in, does an activation reach it, is it gated.
  void count(int row, int col, bool loading, bool active, bool gated);
  void end_cycle() { timing_.cycles += Cycles(1); }

  [[nodiscard]] const FoldTiming& timing() const { return timing_; }
  [[nodiscard]] std::int64_t gated() const { return gated_; }
  [[nodiscard]] SystolicState state(int row, int col) const { return states_[index(row, col)]; }

 private:
  [[nodiscard]] std::size_t index(int row, int col) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(col);
  }

  int cols_, mapped_rows_, mapped_cols_;
  std::vector<SystolicState> states_;
  FoldTiming timing_;
  std::int64_t gated_ = 0;
};

// Weights shift in from the top, a row a cycle; then activations enter on the left, row i one cycle after
// row i - 1, and psums fall through all rows into the output registers under the grid.
template <class Word>
class WeightStationaryClocked {
 public:
  using Sum = SumOf<Word>;

  // Throws Error when reduction or filters exceed the grid's rows or columns, or an operand is not whole.
  WeightStationaryClocked(const SystolicGrid& grid, const SystolicFold<Word>& fold, bool zero_gating);

  // One cycle, clock edge included. The fold is done when the last column's last sum is in its register.
  void step();
  [[nodiscard]] bool done() const { return sums_out_ == std::int64_t{fold_.pixels} * grid_.cols; }

  [[nodiscard]] const FoldTiming& timing() const { return counters_.timing(); }
  // Products among timing().products whose activation was zero and gated.
  [[nodiscard]] std::int64_t gated() const { return counters_.gated(); }
  // Of weights into registers, those on their way to others among them.
  [[nodiscard]] std::int64_t weight_writes() const { return weight_writes_; }
  // pixels x filters
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  [[nodiscard]] SystolicPeView<Word> view(int row, int col) const;

 private:
  struct Pe {
    Register<Word> weight;
    Register<Flit<Word>> activation;
    Register<Flit<Sum>> psum;
  };

  [[nodiscard]] const Pe& pe(int row, int col) const;
  [[nodiscard]] Word weight_above(int row, int col) const;
  [[nodiscard]] Flit<Word> activation_left(int row, int col) const;
  void step_pe(int row, int col);
  void collect();

  SystolicGrid grid_;
  SystolicFold<Word> fold_;
  bool zero_gating_;
  SystolicCounters counters_;
  std::vector<Pe> pes_;
  Register<std::int64_t> cycle_;  // the feeders' counter
  std::vector<int> pixels_out_;   // per column
  std::int64_t sums_out_ = 0, weight_writes_ = 0;
  std::vector<Sum> sums_;
};

// Activations enter on the left and weights at the top, both skewed by one cycle a row or column; each PE
// keeps its sum. Done sums go to a shadow chain that shifts them down and out while the next fold may run.
template <class Word>
class OutputStationaryClocked {
 public:
  using Sum = SumOf<Word>;

  // Throws Error when pixels or filters exceed the grid's rows or columns, or an operand is not whole.
  OutputStationaryClocked(const SystolicGrid& grid, const SystolicFold<Word>& fold, bool zero_gating);

  // One cycle, clock edge included: of the products until done(), of the shadow chain until shifted_out().
  void step();
  [[nodiscard]] bool done() const { return last_products_ == fold_.reduction; }
  [[nodiscard]] bool shifted_out() const { return shift_out_.value == grid_.rows; }

  [[nodiscard]] const FoldTiming& timing() const { return counters_.timing(); }
  [[nodiscard]] std::int64_t gated() const { return counters_.gated(); }
  // Of weights into registers: each product has its own on its way through.
  [[nodiscard]] std::int64_t weight_writes() const { return counters_.timing().products; }
  // Cycles the shadow chain has shifted.
  [[nodiscard]] Cycles shift_out() const { return shift_out_; }
  // pixels x filters, complete when shifted_out()
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  [[nodiscard]] SystolicPeView<Word> view(int row, int col) const;

 private:
  struct Pe {
    Register<Flit<Word>> activation, weight;
    Register<Sum> sum, shadow;
  };

  [[nodiscard]] const Pe& pe(int row, int col) const;
  void step_pe(int row, int col);
  void load_shadow();
  void shift_shadow();

  SystolicGrid grid_;
  SystolicFold<Word> fold_;
  bool zero_gating_;
  SystolicCounters counters_;
  std::vector<Pe> pes_;
  Register<std::int64_t> cycle_;
  int last_products_ = 0;  // of the PE in the last row and column
  Cycles shift_out_;
  std::vector<Sum> sums_;
};

extern template class WeightStationaryClocked<std::int16_t>;
extern template class WeightStationaryClocked<float>;
extern template class OutputStationaryClocked<std::int16_t>;
extern template class OutputStationaryClocked<float>;

}  // namespace basil
