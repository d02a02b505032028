#include "models/dataflows/systolic_array.h"

#include <fmt/format.h>

#include <algorithm>

#include "dataflows/systolic/clocked_fold.h"
#include "models/dataflows/multipliers.h"
#include "pe/systolic/systolic.h"

namespace basil::systolic {
namespace {

// With what comes back from the channels before, and what waits for those to come.
GemmPass fold_of(const Step& step) {
  GemmPass pass = *step.pass.as<GemmPass>();
  pass.first = pass.first && !step.psums_in;
  pass.last = pass.last && !step.psums_out;
  return pass;
}

class Grid final : public Array {
 public:
  Grid(const Description& machine, Stays stays)
      : machine_(machine),
        stays_(stays),
        registers_{.word_bits = machine.word_bits(),
                   .psum_bits = machine.accumulator_bits,
                   .sums_stay = stays == Stays::sums,
                   .shadow_weights = machine.delivery().weights} {}

  void take(const Layer& layer) override {
    layer_ = &layer;
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
  }

  PassCounts compute(const Step& step, Ofmap& sums) override {
    return {.products = unit_->accumulate(fold_of(step), sums), .tile = {}};
  }

  // Once its weights are in the grid: their way there is the delivery's.
  [[nodiscard]] PassWork work(const Step& step, const PassCounts& counts, bool last) override {
    const GemmPass pass = fold_of(step);
    const Products& products = counts.products;
    const FoldTiming fold = time(pass, last);
    const std::int64_t mapped =  // where weights stay, which alone wait to be shifted in
        std::int64_t{pass.reduction.size()} * pass.filters.size();
    PassWork work{.cycles = fold.cycles - Cycles(fold.wait_weights / mapped), .bins = {}, .activity = {}};
    add_slots(products, work.bins);
    work.bins.add(Bin::wait_activations, fold.wait_activations);
    work.bins.add(Bin::drain, fold.drain);
    work.activity.products = products.all - products.gated;
    work.activity.gated = products.gated;
    work.activity.register_bits = systolic_register_bits(registers_, pass, products.all);
    return work;
  }

  // Weights that stay come a row a cycle, sums that stay leave so; everything else streams.
  [[nodiscard]] PassStreams streams(const Step& step, const CountsOf& /*counts*/) const override {
    const GemmPass fold = fold_of(step);
    const std::int64_t word_bytes = machine_.word_bytes();
    const std::int64_t pixels = fold.pixels.size(), reduction = fold.reduction.size();
    const Bytes weights(reduction * fold.filters.size() * word_bytes);
    const Bytes psums(ceil_div(pixels * fold.filters.size() * machine_.psum_bits, 8));
    PassStreams streams{.weights = {.all = weights},
                        .ifmap = {.all = Bytes(pixels * reduction * word_bytes)},
                        .psums_in = fold.first ? Bytes(0) : psums,
                        .psums_out = psums};
    if (stays_ == Stays::weights) {
      streams.weights.first = weights;
      streams.weights.shift = Cycles(machine_.rows);
    } else {
      streams.psums_last = psums;
      streams.psums_shift = Cycles(machine_.rows);
    }
    return streams;
  }

  [[nodiscard]] std::unique_ptr<ClockedPass> clocked(const Step& step, bool last, const Ofmap& sums,
                                                     const PassAhead& /*ahead*/) const override {
    const GridWiring wiring{.rows = machine_.rows,
                            .cols = machine_.cols,
                            .zero_gating = machine_.unit_parameters.zero_gating,
                            .registers = registers_};
    return clocked_fold(*layer_, wiring, fold_of(step), last, sums);
  }

 private:
  [[nodiscard]] FoldTiming time(const GemmPass& pass, bool last) const {
    const SystolicGrid grid{machine_.rows, machine_.cols};
    const int pixels = pass.pixels.size(), reduction = pass.reduction.size(), filters = pass.filters.size();
    if (stays_ == Stays::sums) return time_output_stationary(grid, pixels, reduction, filters);
    return machine_.delivery().weights
               ? time_weight_stationary_doubled(grid, pixels, reduction, filters, last)
               : time_weight_stationary(grid, pixels, reduction, filters);
  }

  const Description& machine_;
  Stays stays_;
  SystolicRegisters registers_;
  const Layer* layer_ = nullptr;
  std::unique_ptr<Unit> unit_;
};

}  // namespace

SystolicArray array_of(const Description& machine) {
  return {.rows = machine.rows,
          .cols = machine.cols,
          .ifmap_buffer = machine.fmap_buffer.room(),
          .accumulators = machine.accumulators ? machine.accumulators->room() : machine.fmap_buffer.room(),
          .accumulators_apart = machine.accumulators.has_value(),
          .word_bytes = machine.word_bytes(),
          .psum_bytes = machine.psum_bytes()};
}

std::unique_ptr<Array> make(const Description& machine, Stays stays) {
  return std::make_unique<Grid>(machine, stays);
}

std::vector<ClockedSignal> signals(const Description& /*machine*/) { return clocked_fold_signals(); }

// A PE of a grid hands on its ifmap word, its psum and the weights on their way: a register each. Weights
// that shift in, and sums that shift out, under other work need one more.
std::vector<Part> parts(const Description& machine) {
  const std::int64_t pes = machine.pes();
  const double bits = machine.word_bits() + halves(machine.delivery().weights) * machine.weight_bits() +
                      halves(machine.delivery().psums) * machine.accumulator_bits;
  return {{.component = "mac", .name = machine.unit->product_row(machine.unit_parameters), .instances = pes},
          {.component = "spad", .name = "register_write_16b", .instances = pes, .weight = bits / 16}};
}

Charges charges(const Description& machine, const Activity& activity) {
  Charges all = multiplier_charges(machine, activity);
  all.emplace_back(Charge{.component = "spad",
                          .item = "register_write_16b, per bit",
                          .count = activity.register_bits,
                          .row = "register_write_16b",
                          .factor = 1.0 / 16});
  return all;
}

std::vector<Step> block_passes(const LayerShape& shape, const Description& machine, Stays stays) {
  const bool weights_stay = stays == Stays::weights;
  const int pixels = shape.N * shape.P() * shape.Q(), reduction = static_cast<int>(shape.reduction());
  GemmPass pass{.pixels = {0, weights_stay ? pixels : std::min(pixels, machine.rows)},
                .reduction = {0, weights_stay ? std::min(reduction, machine.rows) : reduction},
                .filters = {0, std::min(shape.filters_per_group(), machine.cols)}};
  std::vector<Step> steps(1);
  steps[0].pass = OwnPass(pass);
  if (pass.reduction.end == reduction) return steps;
  pass.reduction = {pass.reduction.end, std::min(2 * pass.reduction.end, reduction)};
  pass.first = false;
  steps.emplace_back().pass = OwnPass(pass);
  return steps;
}

std::string why_idle(const LayerShape& shape, std::int64_t count, const char* of) {
  return fmt::format("a group's {} filters by {} {} do not fill the grid", shape.filters_per_group(), count,
                     of);
}

double waveform_bytes(const Description& /*machine*/, double at_work) { return 1 + 45 * at_work; }

}  // namespace basil::systolic
