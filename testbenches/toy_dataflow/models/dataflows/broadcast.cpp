// A dataflow to copy, of one file: `broadcast`, a grid whose PEs each keep one sum. In a cycle every row
// takes the ifmap word of its pixel and every column the weight of its filter, all at once and without a
// skew: a fold of sums is over after as many cycles as a sum has products.
#include "dataflows/pass_values.h"
#include "dataflows/systolic/fold_operands.h"
#include "models/dataflows/multipliers.h"
#include "models/dataflows/systolic_array.h"
#include "models/mapping/mapper.h"

namespace basil {
namespace {

// With what comes back from the channels before.
GemmPass fold_of(const Step& step) {
  GemmPass pass = *step.pass.as<GemmPass>();
  pass.first = !step.psums_in;
  return pass;
}

std::int64_t pes_of(const GemmPass& pass) { return std::int64_t{pass.pixels.size()} * pass.filters.size(); }

// A product writes its PE's sum; nothing else is kept in registers.
Activity activity_of(const Description& machine, std::int64_t products, std::int64_t gated) {
  Activity activity;
  activity.products = products - gated;
  activity.gated = gated;
  activity.register_bits = products * machine.accumulator_bits;
  return activity;
}

// The fold on registers: a product a PE and cycle.
template <class Word>
class ClockedBroadcast final : public ClockedPass {
 public:
  ClockedBroadcast(const Layer& layer, const Description& machine, const GemmPass& pass, const Ofmap& before)
      : layer_(layer), machine_(machine), pass_(pass), operands_(cut_fold<Word>(layer, pass)) {
    each_sum([&](int pixel, int k) {
      sums_.emplace_back(pass.first ? SumOf<Word>{} : sum_at<Word>(before, at(before, pixel, k)));
    });
  }

  void step() override {
    std::size_t pe = 0;
    each_sum([&](int pixel, int k) {
      const Word activation = activation_of(pixel), weight = weight_of(k);
      if (machine_.unit_parameters.zero_gating && activation == Word{})
        ++gated_;
      else
        sums_[pe].set(sums_[pe].get() +
                      static_cast<SumOf<Word>>(activation) * static_cast<SumOf<Word>>(weight));
      ++pe;
    });
    for (Register<SumOf<Word>>& sum : sums_) sum.commit();
    ++cycle_;
  }
  [[nodiscard]] bool done() const override { return cycle_ == pass_.reduction.size(); }
  [[nodiscard]] Cycles cycles() const override { return Cycles(cycle_); }
  [[nodiscard]] const CycleAccount& bins() override {
    bins_ = {};
    add_slots({.all = slots(), .gated = gated_}, bins_);
    return bins_;
  }
  [[nodiscard]] Activity activity() const override { return activity_of(machine_, slots(), gated_); }
  void hand_over(Ofmap& sums) const override {
    std::size_t pe = 0;
    each_sum([&](int pixel, int k) {
      put_sum<Word>(layer_, sums, at(sums, pixel, k), k, sums_[pe++].get(), pass_.first);
    });
  }
  [[nodiscard]] std::vector<double> view(int pe) const override {
    const auto of = static_cast<std::size_t>(pe) % sums_.size();
    return {static_cast<double>(pe), static_cast<double>(sums_[of].get())};
  }

 private:
  // PEs in their order: a pixel a row, a filter a column.
  template <class Each>
  void each_sum(const Each& each) const {
    for (int pixel = pass_.pixels.first; pixel < pass_.pixels.end; ++pixel)
      for (int k = pass_.filters.first; k < pass_.filters.end; ++k) each(pixel, k);
  }
  [[nodiscard]] static std::size_t at(const Ofmap& sums, int pixel, int k) {
    return static_cast<std::size_t>(pixel) * static_cast<std::size_t>(sums.K) + static_cast<std::size_t>(k);
  }
  [[nodiscard]] Word activation_of(int pixel) const {
    return operands_.activations[static_cast<std::size_t>(
        (pixel - pass_.pixels.first) * pass_.reduction.size() + cycle_)];
  }
  [[nodiscard]] Word weight_of(int k) const {
    return operands_
        .weights[static_cast<std::size_t>(cycle_ * pass_.filters.size() + k - pass_.filters.first)];
  }
  [[nodiscard]] std::int64_t slots() const { return pes_of(pass_) * cycle_; }

  const Layer& layer_;
  const Description& machine_;
  GemmPass pass_;
  FoldOperands<Word> operands_;
  std::vector<Register<SumOf<Word>>> sums_;
  int cycle_ = 0;
  std::int64_t gated_ = 0;
  CycleAccount bins_;
};

class Broadcast final : public Array {
 public:
  explicit Broadcast(const Description& machine) : machine_(machine) {}

  void take(const Layer& layer) override {
    layer_ = &layer;
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
  }
  PassCounts compute(const Step& step, Ofmap& sums) override {
    return {.products = unit_->accumulate(fold_of(step), sums), .tile = {}};
  }
  [[nodiscard]] PassWork work(const Step& step, const PassCounts& counts, bool /*last*/) override {
    PassWork work{.cycles = Cycles(fold_of(step).reduction.size()),
                  .bins = {},
                  .activity = activity_of(machine_, counts.products.all, counts.products.gated)};
    add_slots(counts.products, work.bins);
    return work;
  }
  // Operands stream under the work; sums leave when it is over.
  [[nodiscard]] PassStreams streams(const Step& step, const CountsOf& /*counts*/) const override {
    const GemmPass fold = fold_of(step);
    const Bytes psums(ceil_div(pes_of(fold) * machine_.psum_bits, 8));
    return {.weights = {.all = Bytes(std::int64_t{fold.reduction.size()} * fold.filters.size() *
                                     machine_.word_bytes())},
            .ifmap = {.all = Bytes(std::int64_t{fold.pixels.size()} * fold.reduction.size() *
                                   machine_.word_bytes())},
            .psums_in = fold.first ? Bytes(0) : psums,
            .psums_out = psums,
            .psums_last = psums};
  }
  [[nodiscard]] std::unique_ptr<ClockedPass> clocked(const Step& step, bool /*last*/, const Ofmap& sums,
                                                     const PassAhead& /*ahead*/) const override {
    if (layer_->weights.is_real())
      return std::make_unique<ClockedBroadcast<float>>(*layer_, machine_, fold_of(step), sums);
    return std::make_unique<ClockedBroadcast<std::int16_t>>(*layer_, machine_, fold_of(step), sums);
  }

 private:
  const Description& machine_;
  const Layer* layer_ = nullptr;
  std::unique_ptr<Unit> unit_;
};

std::vector<Part> parts(const Description& machine) {
  const std::int64_t pes = machine.pes();
  return {{.component = "mac", .name = machine.unit->product_row(machine.unit_parameters), .instances = pes},
          {.component = "spad",
           .name = "register_write_16b",
           .instances = pes,
           .weight = machine.accumulator_bits / 16.0}};
}

// A sum of a fold is complete, as in an output-stationary grid.
std::unique_ptr<Schedule> schedule(const Layer& layer, const Description& machine, Mapper& /*mapper*/) {
  return output_stationary_schedule(layer.shape, systolic::array_of(machine), where_of(layer, machine));
}

std::unique_ptr<Array> make(const Description& machine, Mapper* /*mapper*/) {
  return std::make_unique<Broadcast>(machine);
}

std::vector<ClockedSignal> signals(const Description& /*machine*/) {
  return {{.name = "pe.number", .bits = 24}, {.name = "pe.psum", .bits = 48}};
}

std::vector<Step> block_passes(const Layer& block, const Description& machine, RandomStream& /*draw*/) {
  return systolic::block_passes(block.shape, machine, systolic::Stays::sums);
}

}  // namespace

extern const DataflowType broadcast_dataflow;
const DataflowType broadcast_dataflow{.name = "broadcast",
                                      .summary = "a toy: a sum in each PE, operands to all PEs at once",
                                      .at_edges = true,
                                      .parts = parts,
                                      .charges = systolic::charges,
                                      .schedule = schedule,
                                      .make = make,
                                      .signals = signals,
                                      .block_passes = block_passes};

}  // namespace basil
