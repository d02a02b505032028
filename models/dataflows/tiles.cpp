// Dataflow `tiles`: ofmap blocks for a unit that brings its own array.
#include "dataflows/tiles/tiles.h"

#include <algorithm>

#include "dataflows/tiles/clocked_tile.h"
#include "models/description/description.h"
#include "models/mapping/mapper.h"

namespace basil {
namespace {

// Of a finished sum where a unit counts its bytes.
constexpr std::int64_t sum_bytes = 4;
constexpr std::int64_t most_block_pes = 1024;  // of a small array

class UnitsArray final : public Array {
 public:
  explicit UnitsArray(const Description& machine) : machine_(machine) {}

  void take(const Layer& layer) override {
    layer_ = &layer;
    unit_ = machine_.unit->array->make(layer, machine_.unit_parameters);
  }

  PassCounts compute(const Step& step, Ofmap& sums) override {
    return {.products = {}, .tile = unit_->run(*step.pass.as<TilePass>(), sums)};
  }

  [[nodiscard]] PassWork work(const Step& /*step*/, const PassCounts& counts, bool /*last*/) override {
    return {.cycles = counts.tile.cycles, .bins = counts.tile.bins, .activity = tile_activity(counts.tile)};
  }

  // Finished sums leave as words: they are requantised at the array's edge. Those that other channels add to
  // go to the buffer as psums, and come back from there as what the accumulators start from.
  [[nodiscard]] PassStreams streams(const Step& step, const CountsOf& counts) const override {
    const TilePass& pass = *step.pass.as<TilePass>();
    const TileWork& work = counts(step).tile;
    const std::int64_t outputs =
        std::int64_t{pass.n.size()} * pass.filters.size() * pass.rows.size() * layer_->shape.Q();
    const std::int64_t bytes_out = step.psums_out ? machine_.psum_bytes() : machine_.word_bytes();
    const Bytes out = work.psums_out - Bytes(outputs * sum_bytes) + Bytes(outputs * bytes_out);
    const Bytes last = std::min(out, Bytes(ceil_div(work.psums_last.value * bytes_out, sum_bytes)));
    return {.weights = {work.weights, std::min(work.weights, work.weights_first),
                        work.weights_takers * machine_.cols, Cycles(0)},
            .ifmap = {work.ifmap, std::min(work.ifmap, work.ifmap_first), work.ifmap_takers * machine_.cols,
                      Cycles(0)},
            .psums_in = work.psums_in + Bytes(step.psums_in ? outputs * machine_.psum_bytes() : 0),
            .psums_out = out,
            .psums_last = last};
  }

  [[nodiscard]] std::unique_ptr<ClockedPass> clocked(const Step& step, bool /*last*/, const Ofmap& /*sums*/,
                                                     const PassAhead& /*ahead*/) const override {
    return clocked_tile(*layer_, *machine_.unit, machine_.unit_parameters, *step.pass.as<TilePass>());
  }

 private:
  const Description& machine_;
  const Layer* layer_ = nullptr;
  std::unique_ptr<TileUnit> unit_;
};

std::vector<Part> parts(const Description& machine) {
  return machine.unit->array->parts(machine.unit_parameters);
}

std::unique_ptr<Schedule> schedule(const Layer& layer, const Description& machine, Mapper& /*mapper*/) {
  const TileCut cut = machine.unit->array->cut(layer, machine.unit_parameters);
  const TileLimits limits{.pes = machine.pes(),
                          .filters = cut.filters,
                          .fmap_buffer = machine.fmap_buffer.room(),
                          .kept_a_row = cut.buffer_row,
                          .word_bits = machine.word_bits()};
  return tile_schedule(layer.shape, limits, where_of(layer, machine));
}

std::unique_ptr<Array> make(const Description& machine, Mapper* /*mapper*/) {
  return std::make_unique<UnitsArray>(machine);
}

std::vector<ClockedSignal> signals(const Description& machine) {
  return clocked_tile_signals(*machine.unit, machine.unit_parameters);
}

std::vector<Step> block_passes(const Layer& block, const Description& machine, RandomStream& /*draw*/) {
  const TileArray& array = *machine.unit->array;
  const UnitParameters& parameters = machine.unit_parameters;
  if (array.lacks != nullptr && array.lacks(block, parameters)) return {};
  const LayerShape& shape = block.shape;
  const int filters = std::min(shape.filters_per_group(), array.cut(block, parameters).filters);
  std::vector<Step> steps(1);
  steps[0].pass = OwnPass(TilePass{.n = {0, shape.N}, .filters = {0, filters}, .rows = {0, shape.P()}});
  return steps;
}

Description corner(const Description& machine) {
  Description corner = machine;
  const auto step = machine.unit->array->row_step;
  const int whole = step != nullptr ? step(machine.unit_parameters) : 1;
  const auto most = std::max<std::int64_t>(1, most_block_pes / (std::int64_t{machine.cols} * whole)) * whole;
  corner.rows = static_cast<int>(std::min<std::int64_t>(machine.rows, most));
  corner.unit_parameters.rows = corner.rows;
  return corner;
}

// What of a row changes in a cycle goes with what its signals are wide.
double waveform_bytes(const Description& machine, double /*at_work*/) {
  double bytes = 0;
  for (const ClockedSignal& signal : signals(machine))
    bytes += 0.2 * std::min(signal.bits, 16) + (signal.bits >= 32 ? 7 : 0);
  return bytes;
}

// Units keep maps of where the operands are not zero, and the streams of a pass, beside the operands.
double own_bytes(const LayerShape& shape) {
  const double ifmap = static_cast<double>(shape.N) * shape.C * shape.H * shape.W;
  const double weights = static_cast<double>(shape.K) * static_cast<double>(shape.reduction());
  return 4 * ifmap + 2 * weights + std::min(18e6, 24 * ifmap);
}

}  // namespace

extern const DataflowType tiles_dataflow;
const DataflowType tiles_dataflow{
    .name = "tiles",
    .summary = "ofmap blocks for a unit that brings its own array and order of work",
    .units_array = true,
    .may_double = {.weights = true, .ifmap = true, .psums = true},
    .gives_words = true,
    .parts = parts,
    .schedule = schedule,
    .make = make,
    .signals = signals,
    .block_passes = block_passes,
    .corner = corner,
    .waveform_bytes = waveform_bytes,
    .own_bytes = own_bytes};

}  // namespace basil
