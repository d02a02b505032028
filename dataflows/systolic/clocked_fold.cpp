#include "dataflows/systolic/clocked_fold.h"

#include "dataflows/pass_values.h"
#include "dataflows/systolic/fold_operands.h"
#include "pe/systolic/systolic_clocked.h"

namespace basil {
namespace {

// Grid is WeightStationaryClocked or OutputStationaryClocked.
template <class Word, class Grid>
class ClockedFold final : public ClockedPass {
 public:
  ClockedFold(const Layer& layer, const GridWiring& grid, const GemmPass& pass, bool last, const Ofmap& sums)
      : layer_(layer),
        shape_(grid),
        pass_(pass),
        last_(last),
        operands_(cut_fold<Word>(layer, pass)),
        grid_({grid.rows, grid.cols},
              {pass.pixels.size(), pass.reduction.size(), pass.filters.size(), operands_.activations,
               operands_.weights},
              grid.zero_gating) {
    if constexpr (!stays) load_weights();
    if (pass.first) return;
    for (int pixel = pass.pixels.first; pixel < pass.pixels.end; ++pixel) {
      for (int k = pass.filters.first; k < pass.filters.end; ++k)
        before_.push_back(sum_at<Word>(sums, address(sums, pixel, k)));
    }
  }

  void step() override {
    grid_.step();
    ++steps_;
    if (done()) finish_shifting();
  }
  // Sums of an output-stationary fold shift out in the delivery's time, and so do weights shift in. Where
  // these are doubled, the next fold follows the last pixel, but for the layer's last, which empties the
  // grid.
  [[nodiscard]] bool done() const override {
    if constexpr (!stays) {
      if (shape_.registers.shadow_weights && !last_) return steps_ >= pass_.pixels.size();
    }
    return grid_.done();
  }
  [[nodiscard]] Cycles cycles() const override { return Cycles(cycles_ > 0 ? cycles_ : steps_); }

  [[nodiscard]] const CycleAccount& bins() override {
    const FoldTiming timing = timing_;
    bins_ = {};
    bins_.add(Bin::compute, timing.products - grid_.gated());
    bins_.add(Bin::gated, grid_.gated());
    // Doubled weights: a PE makes up for the wait before its first pixel under the next fold.
    const bool follows = !stays && shape_.registers.shadow_weights;
    bins_.add(Bin::wait_activations, follows ? 0 : timing.wait_activations);
    bins_.add(Bin::drain, mapped() * cycles().value - bins_.total());
    return bins_;
  }

  [[nodiscard]] Activity activity() const override {
    Activity activity;
    activity.products = timing_.products - grid_.gated();
    activity.gated = grid_.gated();
    activity.register_bits = register_bits();
    return activity;
  }

  void hand_over(Ofmap& sums) const override {
    std::size_t i = 0;
    for (int pixel = pass_.pixels.first; pixel < pass_.pixels.end; ++pixel) {
      for (int k = pass_.filters.first; k < pass_.filters.end; ++k, ++i) {
        // The accumulators under the grid add what the pass brings.
        const SumOf<Word> sum =
            pass_.first ? grid_.sums()[i] : static_cast<SumOf<Word>>(before_[i] + grid_.sums()[i]);
        put_sum<Word>(layer_, sums, address(sums, pixel, k), k, sum, pass_.first);
      }
    }
  }

  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override {
    return basil::effectual_work(operands_, pass_, shape_.cols, stays);
  }

  [[nodiscard]] std::vector<double> view(int pe) const override {
    const SystolicPeView<Word> v = grid_.view(pe / shape_.cols % shape_.rows, pe % shape_.cols);
    return {static_cast<double>(pe),           static_cast<double>(v.state),  v.activation_valid ? 1.0 : 0.0,
            static_cast<double>(v.activation), static_cast<double>(v.weight), static_cast<double>(v.psum)};
  }

 private:
  [[nodiscard]] static std::size_t address(const Ofmap& sums, int pixel, int k) {
    return static_cast<std::size_t>(pixel) * static_cast<std::size_t>(sums.K) + static_cast<std::size_t>(k);
  }

  static constexpr bool stays = std::is_same_v<Grid, OutputStationaryClocked<Word>>;

  // A product writes its ifmap word and its psum; weights that shift in behind others go to their registers
  // once more.
  [[nodiscard]] std::int64_t register_bits() const {
    const SystolicRegisters bits = shape_.registers;
    const std::int64_t into_place = !stays && bits.shadow_weights ? mapped() : 0;
    return timing_.products * (bits.word_bits + bits.psum_bits) +
           (grid_.weight_writes() + into_place) * bits.word_bits;
  }

  [[nodiscard]] std::int64_t mapped() const {
    return std::int64_t{stays ? pass_.pixels.size() : pass_.reduction.size()} * pass_.filters.size();
  }

  void load_weights() {
    for (int row = 0; row < shape_.rows; ++row) grid_.step();
  }

  // The shadow chain, or the grid under the next fold, goes on after done(); its values are wanted now.
  void finish_shifting() {
    cycles_ = steps_;
    if constexpr (stays) {
      timing_ = grid_.timing();
      while (!grid_.shifted_out()) grid_.step();
    } else {
      while (!grid_.done()) grid_.step();
      timing_ = grid_.timing();
    }
  }

  const Layer& layer_;
  GridWiring shape_;
  GemmPass pass_;
  bool last_;
  FoldOperands<Word> operands_;
  std::vector<SumOf<Word>> before_;  // pixels x filters, where the pass is not the first
  Grid grid_;
  std::int64_t steps_ = 0, cycles_ = 0;
  FoldTiming timing_;
  CycleAccount bins_;
};

template <class Word>
std::unique_ptr<ClockedPass> make(const Layer& layer, const GridWiring& grid, const GemmPass& pass, bool last,
                                  const Ofmap& sums) {
  if (grid.registers.sums_stay)
    return std::make_unique<ClockedFold<Word, OutputStationaryClocked<Word>>>(layer, grid, pass, last, sums);
  return std::make_unique<ClockedFold<Word, WeightStationaryClocked<Word>>>(layer, grid, pass, last, sums);
}

}  // namespace

std::unique_ptr<ClockedPass> clocked_fold(const Layer& layer, const GridWiring& grid, const GemmPass& pass,
                                          bool last, const Ofmap& sums) {
  return layer.weights.is_real() ? make<float>(layer, grid, pass, last, sums)
                                 : make<std::int16_t>(layer, grid, pass, last, sums);
}

std::vector<ClockedSignal> clocked_fold_signals() {
  return {{"pe.number", 24},          {"pe.state", 3, {"load", "wait", "multiply", "gated", "drain", "idle"}},
          {"pe.activation_valid", 1}, {"pe.activation", 16},
          {"pe.weight", 16},          {"pe.psum", 48}};
}

}  // namespace basil
