#include "dataflows/row_stationary/clocked_rows.h"

#include <optional>

#include "dataflows/drawing.h"
#include "dataflows/pass_values.h"
#include "dataflows/row_stationary/row_array.h"
#include "dataflows/row_stationary/row_operands.h"

namespace basil {
namespace {

template <class Word>
class ClockedRows final : public ClockedPass, public ClockedDrawing {
 public:
  ClockedRows(const Layer& layer, const RowArray& array, std::span<const int> slots, const RowPass& pass,
              const Ofmap& sums, const PassAhead& ahead)
      : layer_(layer),
        accumulator_bits_(array.accumulator_bits),
        pass_(pass),
        operands_(cut_rows<Word>(layer, pass, sums, slots)),
        array_({.pe = array.pe,
                .ifmap_words_per_cycle = array.ifmap_words(pass.ifmap_words),
                .ifmap_fifo = array.ifmap_fifo,
                .psum_fifo = array.psum_fifo,
                .psum_words_per_beat = array.psum_words_per_beat,
                .double_ifmap = ahead.ifmap_early},
               {operands_.shape, operands_.weights, operands_.ifmap, operands_.psums}) {
    array_.filters_ahead(ahead.filter_beats);
    array_.ifmap_ahead(ahead.ifmap_cycles);
    ifmap_early_ = ahead.ifmap_early;
    ahead_ = {array_.filter_bus().beats, array_.ifmap_bus().words, 0, 0};
  }

  void step() override { array_.step(); }
  [[nodiscard]] ClockedDrawing* drawing() override { return this; }
  void step(const ArrayWords& offered) override { array_.step(offered); }
  [[nodiscard]] const ArrayWords& moved() const override { return array_.moved(); }
  [[nodiscard]] ArrayWords all_words() const override { return array_.all_words(); }
  [[nodiscard]] ArrayWords words_ahead() const override { return ahead_; }
  [[nodiscard]] bool draws_ifmap() const override { return array_.filters_loaded() || ifmap_early_; }
  [[nodiscard]] bool filters_loaded() const override { return array_.filters_loaded(); }
  [[nodiscard]] bool slots_over() const override { return array_.slots_over(); }
  void drain_under_next() override {
    ended_ = array_.cycles();
    bins_ = array_.bins();
    while (!array_.done()) array_.step();
  }
  [[nodiscard]] ArrayBuses buses() const override {
    const auto span = [](const BusUse& use) { return BusSpan{use.from, use.until}; };
    return {span(array_.filter_bus()), span(array_.ifmap_bus()), span(array_.psum_in_bus()),
            span(array_.psum_out_bus())};
  }
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
    activity.link_bits = array_.link_words() * accumulator_bits_;
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

  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override {
    return basil::effectual_work(operands_);
  }

  [[nodiscard]] std::vector<double> view(int pe) const override {
    const auto busy = [this](const BusUse& bus) {
      return bus.beats > 0 && bus.until == array_.cycles() ? 1.0 : 0.0;
    };
    std::vector<double> values{busy(array_.filter_bus()), busy(array_.ifmap_bus()),
                               busy(array_.psum_in_bus()), busy(array_.psum_out_bus()),
                               static_cast<double>(array_.active_pes())};
    if (pe >= array_.pes()) {
      values.resize(clocked_row_signals().size(), 0);
      return values;
    }
    const RowPeView<Word> v = array_.view(pe);
    const auto add = [&](auto... value) { (values.push_back(static_cast<double>(value)), ...); };
    add(pe, v.state, v.slot.window, v.slot.tap, v.slot.channel, v.slot.filter, v.filter_spad_words,
        v.ifmap_spad_words, v.ifmap_fifo, v.psum_in_fifo, v.psum_out_fifo, v.results_in_flight, v.ifmap_word,
        v.multiplicand, v.multiplier, v.product, v.accumulated);
    return values;
  }

 private:
  const Layer& layer_;
  int accumulator_bits_;
  RowPass pass_;
  RowOperands<Word> operands_;
  RowArrayClocked<Word> array_;
  ArrayWords ahead_;
  bool ifmap_early_;
  std::optional<Cycles> ended_;  // where sums leave under the next pass
  CycleAccount bins_;            // then
};

}  // namespace

std::unique_ptr<ClockedPass> clocked_rows(const Layer& layer, const RowArray& array,
                                          std::span<const int> slots, const RowPass& pass, const Ofmap& sums,
                                          const PassAhead& ahead) {
  if (layer.weights.is_real())
    return std::make_unique<ClockedRows<float>>(layer, array, slots, pass, sums, ahead);
  return std::make_unique<ClockedRows<std::int16_t>>(layer, array, slots, pass, sums, ahead);
}

std::vector<ClockedSignal> clocked_row_signals() {
  return {{"bus.filter", 1},
          {"bus.ifmap", 1},
          {"bus.psum_in", 1},
          {"bus.psum_out", 1},
          {"busy_pes", 24},
          {"pe.number", 24},
          {"pe.state",
           4,
           {"load", "multiply", "gated", "add psum", "wait ifmap", "wait psum", "wait output", "empty pipe",
            "done"}},
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
