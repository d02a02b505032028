#include "models/cycle/clocked_pass.h"

#include "dataflows/row_stationary/row_array.h"
#include "models/cycle/clocked_tile.h"
#include "models/cycle/pass_blocks.h"
#include "pe/systolic/systolic_clocked.h"

namespace basil {
namespace {

// Replaces an output's sum, or starts it from the bias.
template <class Word>
void put_sum(const Layer& layer, Ofmap& sums, std::size_t at, int k, SumOf<Word> sum, bool first) {
  const auto filter = static_cast<std::size_t>(k);
  if constexpr (std::is_floating_point_v<Word>) {
    sums.reals[at] = static_cast<double>(sum) +
                     (first && !layer.bias_real.empty() ? static_cast<double>(layer.bias_real[filter]) : 0.0);
  } else {
    sums.sums[at] = sum + (first && !layer.bias.empty() ? layer.bias[filter] : 0);
  }
}

template <class Word>
class ClockedRows final : public ClockedPass, public RowDrawing {
 public:
  ClockedRows(const Layer& layer, const Description& machine, const RowPass& pass, const Ofmap& sums,
              const RowAhead& ahead)
      : layer_(layer),
        machine_(machine),
        pass_(pass),
        operands_(cut_rows<Word>(layer, pass, sums, filter_slots(layer, machine))),
        array_({.pe = machine.row_array().pe,
                .ifmap_words_per_cycle = machine.row_array().ifmap_words_per_cycle,
                .ifmap_fifo = machine.noc.ifmap_fifo,
                .psum_fifo = machine.noc.psum_fifo,
                .psum_words_per_beat = machine.row_array().psum_words_per_beat,
                .double_ifmap = ahead.ifmap_early},
               {operands_.shape, operands_.weights, operands_.ifmap, operands_.psums}) {
    array_.filters_ahead(ahead.filter_beats);
    array_.ifmap_ahead(ahead.ifmap_cycles);
    ifmap_early_ = ahead.ifmap_early;
    ahead_ = {array_.filter_bus().beats, array_.ifmap_bus().words, 0, 0};
  }

  void step() override { array_.step(); }
  [[nodiscard]] RowDrawing* drawing() override { return this; }
  void step(const RowWords& offered) override { array_.step(offered); }
  [[nodiscard]] const RowWords& moved() const override { return array_.moved(); }
  [[nodiscard]] RowWords all_words() const override { return array_.all_words(); }
  [[nodiscard]] RowWords words_ahead() const override { return ahead_; }
  [[nodiscard]] bool draws_ifmap() const override { return array_.filters_loaded() || ifmap_early_; }
  [[nodiscard]] bool filters_loaded() const override { return array_.filters_loaded(); }
  [[nodiscard]] bool slots_over() const override { return array_.slots_over(); }
  void drain_under_next() override {
    ended_ = array_.cycles();
    bins_ = array_.bins();
    while (!array_.done()) array_.step();
  }
  [[nodiscard]] Cycles ifmap_until() const override { return array_.ifmap_bus().until; }
  [[nodiscard]] std::int64_t filter_takers() const override { return pass_.rows.size(); }
  [[nodiscard]] std::int64_t ifmap_takers() const override { return array_.ifmap_takers(); }
  [[nodiscard]] bool done() const override { return array_.done(); }
  [[nodiscard]] Cycles cycles() const override { return ended_.value_or(array_.cycles()); }
  [[nodiscard]] const CycleAccount& bins() override { return ended_ ? bins_ : array_.bins(); }

  [[nodiscard]] Activity activity() const override {
    const RowPeEvents events = array_.events();
    Activity activity;
    activity.products = events.products;
    activity.gated = events.gated;
    activity.psum_adds = events.psum_adds;
    activity.filter_spad_reads = events.filter_reads;
    activity.filter_spad_writes = events.filter_writes;
    activity.ifmap_spad_reads = events.ifmap_reads;
    activity.ifmap_spad_writes = events.ifmap_writes;
    activity.psum_spad_reads = events.psum_reads;
    activity.psum_spad_writes = events.psum_writes;
    activity.link_bits = array_.link_words() * machine_.accumulator_bits;
    return activity;
  }

  void hand_over(Ofmap& sums) const override {
    auto sum = array_.psums().begin();
    for (int n = pass_.n.first; n < pass_.n.end; ++n) {
      for (int p = pass_.rows.first; p < pass_.rows.end; ++p) {
        for (int q = 0; q < sums.Q; ++q) {
          for (int k = pass_.filters.first; k < pass_.filters.end; ++k)
            put_sum<Word>(layer_, sums, sums.at(n, p, q, k), k, *sum++, pass_.first);
        }
      }
    }
  }

  [[nodiscard]] std::vector<double> view(int pe) const override {
    const auto busy = [this](const BusUse& bus) {
      return bus.beats > 0 && bus.until == array_.cycles() ? 1.0 : 0.0;
    };
    std::vector<double> values{busy(array_.filter_bus()), busy(array_.ifmap_bus()),
                               busy(array_.psum_in_bus()), busy(array_.psum_out_bus()),
                               static_cast<double>(array_.active_pes())};
    if (pe >= array_.pes()) {
      values.resize(clocked_signals(machine_).size(), 0);
      return values;
    }
    const RowPeView<Word> v = array_.view(pe);
    const auto add = [&](auto... value) { (values.push_back(static_cast<double>(value)), ...); };
    add(v.state, v.slot.window, v.slot.tap, v.slot.channel, v.slot.filter, v.filter_spad_words,
        v.ifmap_spad_words, v.ifmap_fifo, v.psum_in_fifo, v.psum_out_fifo, v.results_in_flight, v.ifmap_word,
        v.multiplicand, v.multiplier, v.product, v.accumulated);
    return values;
  }

 private:
  const Layer& layer_;
  const Description& machine_;
  RowPass pass_;
  RowOperands<Word> operands_;
  RowArrayClocked<Word> array_;
  RowWords ahead_;
  bool ifmap_early_;
  std::optional<Cycles> ended_;  // where sums leave under the next pass
  CycleAccount bins_;            // then
};

// Grid is WeightStationaryClocked or OutputStationaryClocked.
template <class Word, class Grid>
class ClockedFold final : public ClockedPass {
 public:
  ClockedFold(const Layer& layer, const Description& machine, const GemmPass& pass, bool last,
              const Ofmap& sums)
      : layer_(layer),
        machine_(machine),
        pass_(pass),
        last_(last),
        operands_(cut_fold<Word>(layer, pass)),
        grid_({machine.rows, machine.cols},
              {pass.pixels.size(), pass.reduction.size(), pass.filters.size(), operands_.activations,
               operands_.weights},
              machine.unit_parameters.zero_gating) {
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
      if (machine_.delivery().weights && !last_) return steps_ >= pass_.pixels.size();
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
    const bool follows = !stays && machine_.delivery().weights;
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

  [[nodiscard]] std::vector<double> view(int pe) const override {
    const SystolicPeView<Word> v = grid_.view(pe / machine_.cols % machine_.rows, pe % machine_.cols);
    return {static_cast<double>(v.state), v.activation_valid ? 1.0 : 0.0, static_cast<double>(v.activation),
            static_cast<double>(v.weight), static_cast<double>(v.psum)};
  }

 private:
  [[nodiscard]] static std::size_t address(const Ofmap& sums, int pixel, int k) {
    return static_cast<std::size_t>(pixel) * static_cast<std::size_t>(sums.K) + static_cast<std::size_t>(k);
  }

  static constexpr bool stays = std::is_same_v<Grid, OutputStationaryClocked<Word>>;

  // A product writes its ifmap word and its psum; weights that shift in behind others go to their registers
  // once more.
  [[nodiscard]] std::int64_t register_bits() const {
    const SystolicRegisters bits = machine_.systolic_registers();
    const std::int64_t into_place = !stays && bits.shadow_weights ? mapped() : 0;
    return timing_.products * (bits.word_bits + bits.psum_bits) +
           (grid_.weight_writes() + into_place) * bits.word_bits;
  }

  [[nodiscard]] std::int64_t mapped() const {
    return std::int64_t{stays ? pass_.pixels.size() : pass_.reduction.size()} * pass_.filters.size();
  }

  void load_weights() {
    for (int row = 0; row < machine_.rows; ++row) grid_.step();
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
  const Description& machine_;
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
std::unique_ptr<ClockedPass> make(const Layer& layer, const Description& machine, const Step& step, bool last,
                                  const Ofmap& sums, const RowAhead& ahead) {
  if (const auto* rows = std::get_if<RowPass>(&step.pass))
    return std::make_unique<ClockedRows<Word>>(layer, machine, *rows, sums, ahead);
  const auto& fold = std::get<GemmPass>(step.pass);
  if (machine.dataflow == Dataflow::weight_stationary) {
    return std::make_unique<ClockedFold<Word, WeightStationaryClocked<Word>>>(layer, machine, fold, last,
                                                                              sums);
  }
  return std::make_unique<ClockedFold<Word, OutputStationaryClocked<Word>>>(layer, machine, fold, last, sums);
}

}  // namespace

std::unique_ptr<ClockedPass> clocked_pass(const Layer& layer, const Description& machine, const Step& step,
                                          bool last, const Ofmap& sums, const RowAhead& ahead) {
  if (const auto* tile = std::get_if<TilePass>(&step.pass)) return clocked_tile(layer, machine, *tile);
  return layer.weights.is_real() ? make<float>(layer, machine, step, last, sums, ahead)
                                 : make<std::int16_t>(layer, machine, step, last, sums, ahead);
}

std::vector<ClockedSignal> clocked_signals(const Description& machine) {
  if (machine.dataflow == Dataflow::tiles) {  // in a scope of their own beside the array's
    std::vector<ClockedSignal> signals = machine.unit->array->signals(machine.unit_parameters);
    for (ClockedSignal& signal : signals) signal.name = "unit." + signal.name;
    return signals;
  }
  if (machine.dataflow != Dataflow::row_stationary)
    return {{"pe.state", 3},
            {"pe.activation_valid", 1},
            {"pe.activation", 16},
            {"pe.weight", 16},
            {"pe.psum", 48}};
  return {{"bus.filter", 1},
          {"bus.ifmap", 1},
          {"bus.psum_in", 1},
          {"bus.psum_out", 1},
          {"busy_pes", 24},
          {"pe.state", 4},
          {"pe.slot.window", 16},
          {"pe.slot.tap", 8},
          {"pe.slot.channel", 8},
          {"pe.slot.filter", 8},
          {"pe.filter_spad.words", 16},
          {"pe.ifmap_spad.words", 16},
          {"pe.ifmap_fifo", 8},
          {"pe.psum_in_fifo", 8},
          {"pe.psum_out_fifo", 8},
          {"pe.results_in_flight", 8},
          {"pe.ifmap_word", 16},
          {"pe.multiplicand", 16},
          {"pe.multiplier", 16},
          {"pe.product", 48},
          {"pe.accumulated", 48}};
}

}  // namespace basil
