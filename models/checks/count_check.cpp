#include "models/checks/count_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/random_stream.h"
#include "models/cycle/clocked_pass.h"
#include "models/layer/block_sums.h"
#include "models/layer/refusals.h"
#include "models/machine/counts.h"
#include "models/machine/pass_work.h"
#include "traces/pieces/layer_box.h"

namespace basil {
namespace {

// Of a block at most: clocking an array takes about 10 ns a PE-cycle.
constexpr int most_rows = 3, most_columns = 4, most_filters = 6;
constexpr std::int64_t most_terms = 256;
constexpr int most_grid = 8;                        // rows and columns of a systolic grid
constexpr std::int64_t most_pes = 1024;             // of a unit's own array
constexpr std::int64_t most_cycles = 10'000'000;    // after which a clocked array will not end
constexpr std::int64_t pe_cycles_a_layer = 10'000;  // that a run clocks in the mean

Range draw_stretch(RandomStream& draw, std::int64_t most, int of) {
  const auto size = static_cast<int>(1 + draw.below(std::min<std::int64_t>(most, of)));
  const auto first = static_cast<int>(draw.below(of - size + 1));
  return {first, first + size};
}

// Places of an axis, some of which have more than padding behind them.
Range draw_places(RandomStream& draw, int most, const PlaneAxis& axis) {
  const Range places = draw_stretch(draw, most, axis.out);
  return axis.behind(places).size() > 0 ? places : Range{0, axis.out};
}

LayerBox draw_box(const LayerShape& shape, RandomStream& draw) {
  LayerBox box;
  box.images = draw_stretch(draw, 1, shape.N);
  box.rows = draw_places(draw, most_rows, down(shape));
  box.columns = draw_places(draw, most_columns, across(shape));
  // Whole groups where there are several.
  const int unit = shape.groups > 1 ? shape.filters_per_group() : 1;
  const Range units = draw_stretch(draw, std::max(1, most_filters / unit), shape.K / unit);
  box.filters = {units.first * unit, units.end * unit};
  const std::int64_t channels = std::max<std::int64_t>(1, most_terms / (std::int64_t{shape.R} * shape.S));
  box.channels = draw_stretch(draw, channels, shape.channels_per_group());
  return box;
}

// Fewer rows and columns of the same kind.
Description corner_of(const Description& machine) {
  Description corner = machine;
  if (machine.dataflow == Dataflow::tiles) {
    const auto step = machine.unit->array->row_step;
    const int whole = step != nullptr ? step(machine.unit_parameters) : 1;
    const auto most = std::max<std::int64_t>(1, most_pes / (std::int64_t{machine.cols} * whole)) * whole;
    corner.rows = static_cast<int>(std::min<std::int64_t>(machine.rows, most));
  } else if (machine.dataflow != Dataflow::row_stationary) {
    corner.rows = std::min(machine.rows, most_grid);
    corner.cols = std::min(machine.cols, most_grid);
  }
  corner.unit_parameters.rows = corner.rows;
  return corner;
}

// One block of one layer on one machine.
class BlockCheck {
 public:
  BlockCheck(const Layer& block, const Description& machine, std::string where, RandomStream& draw)
      : block_(block),
        machine_(machine),
        where_(std::move(where)),
        draw_(draw),
        fast_(blank_sums(block)),
        clocked_(fast_) {}

  std::optional<std::int64_t> run() {
    if (machine_.dataflow == Dataflow::tiles) return run_tile();
    unit_ = machine_.unit->make(block_, machine_.unit_parameters);
    return machine_.dataflow == Dataflow::row_stationary ? run_rows() : run_folds();
  }

 private:
  std::optional<std::int64_t> run_tile() {
    const TileArray& array = *machine_.unit->array;
    const UnitParameters& parameters = machine_.unit_parameters;
    if (array.lacks != nullptr && array.lacks(block_, parameters)) return std::nullopt;
    const LayerShape& shape = block_.shape;
    const int filters = std::min(shape.filters_per_group(), array.cut(block_, parameters).filters);
    const TilePass pass{.n = {0, shape.N}, .filters = {0, filters}, .rows = {0, shape.P()}};
    const TileWork work = array.make(block_, parameters)->run(pass, fast_);
    const std::unique_ptr<ClockedPass> twin = clocked_twin(pass);
    clock(*twin);
    demand_same_work(where_, work, *twin->tile_work(), array.parts(parameters));
    return finish(*twin, machine_.pes());
  }

  // Channels until the spads are full, in one set or in two, and then as many again, to which psums come
  // back.
  std::optional<std::int64_t> run_rows() {
    const std::vector<int> slots = filter_slots(block_, machine_);
    const std::optional<RowPass> first = draw_row_pass(slots);
    if (!first) return std::nullopt;
    RowTimer timer(block_.shape, machine_.row_array(), slots);
    const std::int64_t pe_cycles = run_row_pass(*first, timer);
    const int depth = block_.shape.channels_per_group();
    if (first->channels.end == depth) return pe_cycles;
    RowPass next = *first;
    next.channels = {next.channels.end, std::min(2 * next.channels.end, depth)};
    next.first = false;
    return pe_cycles + run_row_pass(next, timer);
  }

  // As many taps of a row as the spads hold.
  std::optional<RowPass> draw_row_pass(const std::vector<int>& slots) {
    const LayerShape& shape = block_.shape;
    const RowPe& pe = machine_.pe;
    const int of_weight = slots.empty() ? 1 : *std::max_element(slots.begin(), slots.end());
    for (int taps = shape.S; taps >= 1; --taps) {
      const int ifmap = ifmap_spad_needed(
          {.taps = taps, .stride = shape.stride_x, .dilation = shape.dilation_x, .windows = shape.Q()});
      const int most_q =
          std::min({shape.channels_per_group(), pe.ifmap_spad / ifmap, pe.filter_spad / (taps * of_weight)});
      if (most_q < 1) continue;
      const int q = draw_stretch(draw_, most_q, most_q).size();
      const int most_p =
          std::min({shape.filters_per_group(), pe.psum_spad, pe.filter_spad / (q * taps * of_weight)});
      const int p = draw_stretch(draw_, most_p, most_p).size();
      const auto sets = [this] { return static_cast<int>(1 + draw_.below(2)); };
      return RowPass{.n = {0, shape.N},
                     .filters = {0, std::min(sets() * p, shape.filters_per_group())},
                     .channels = {0, std::min(sets() * q, shape.channels_per_group())},
                     .taps_y = {0, std::min(shape.R, machine_.rows)},
                     .taps_x = {0, taps},
                     .rows = {0, std::min(shape.P(), machine_.cols)},
                     .p = p,
                     .q = q};
    }
    return std::nullopt;
  }

  std::int64_t run_row_pass(const RowPass& pass, RowTimer& timer) {
    const std::unique_ptr<ClockedPass> twin = clocked_twin(pass);
    const PassWork work = row_work(timer.time(pass), unit_->accumulate(pass, fast_));
    return clock_and_compare(*twin, work);
  }

  // One fold of what the grid holds; with weights that stay another one, to which psums come back.
  std::int64_t run_folds() {
    const LayerShape& shape = block_.shape;
    const bool weights_stay = machine_.dataflow == Dataflow::weight_stationary;
    const int pixels = shape.N * shape.P() * shape.Q(), reduction = static_cast<int>(shape.reduction());
    GemmPass pass{.pixels = {0, weights_stay ? pixels : std::min(pixels, machine_.rows)},
                  .reduction = {0, weights_stay ? std::min(reduction, machine_.rows) : reduction},
                  .filters = {0, std::min(shape.filters_per_group(), machine_.cols)}};
    const bool one = pass.reduction.end == reduction;
    const std::int64_t pe_cycles = run_fold(pass, one);
    if (one) return pe_cycles;
    pass.reduction = {pass.reduction.end, std::min(2 * pass.reduction.end, reduction)};
    pass.first = false;
    return pe_cycles + run_fold(pass, true);
  }

  std::int64_t run_fold(const GemmPass& pass, bool last) {
    const std::unique_ptr<ClockedPass> twin = clocked_twin(pass, last);
    return clock_and_compare(*twin, fold_work(machine_, pass, unit_->accumulate(pass, fast_), last));
  }

  template <class Pass>
  [[nodiscard]] std::unique_ptr<ClockedPass> clocked_twin(const Pass& pass, bool last = true) const {
    Step step;
    step.pass = pass;
    return clocked_pass(block_, machine_, step, last, clocked_);
  }

  void clock(ClockedPass& twin) const {
    for (std::int64_t cycles = 0; !twin.done(); ++cycles) {
      if (cycles == most_cycles) throw Failure(where_ + ": the clocked array does not end");
      twin.step();
    }
  }

  std::int64_t clock_and_compare(ClockedPass& twin, const PassWork& work) {
    clock(twin);
    demand_same_activity(where_, work.activity, twin.activity());
    demand_same_cycles(where_, work.cycles, twin.cycles());
    demand_same_bins(where_, work.bins, twin.bins());
    return finish(twin, work.bins.total() / std::max<std::int64_t>(1, work.cycles.value));
  }

  // The sums, and the PE-cycles that were clocked.
  std::int64_t finish(ClockedPass& twin, std::int64_t pes) {
    twin.hand_over(clocked_);
    demand_same_sums(where_, block_, fast_, clocked_);
    return twin.cycles().value * pes;
  }

  const Layer& block_;
  const Description& machine_;
  std::string where_;
  RandomStream& draw_;
  std::unique_ptr<Unit> unit_;
  Ofmap fast_, clocked_;
};

// Of clocking a block, as measured on 3 x 3 convolutions.
std::int64_t expected_pe_cycles(const Description& machine) {
  if (machine.dataflow == Dataflow::row_stationary) return 2'000;  // a few PEs
  const Description corner = corner_of(machine);
  return 50 * corner.pes();
}

}  // namespace

std::optional<std::int64_t> check_counts(const Layer& layer, const Description& machine) {
  RandomStream draw(static_cast<std::uint64_t>(layer.shape.macs()), machine.name + ' ' + layer.name);
  const LayerBox box = draw_box(layer.shape, draw);
  const Layer block = LayerCutter(layer).cut(box);
  const std::string where =
      fmt::format("layer {}{}, columns {}-{}, channels {}-{}", layer.name,
                  text_of(FmapTile{box.images, box.filters, box.rows}), box.columns.first,
                  box.columns.end - 1, box.channels.first, box.channels.end - 1);
  const Description corner = corner_of(machine);
  return BlockCheck(block, corner, where, draw).run();
}

std::vector<std::size_t> draw_count_checks(const Trace& trace, const std::vector<std::size_t>& layers,
                                           const Description& machine) {
  const std::int64_t cost = expected_pe_cycles(machine);
  std::vector<std::pair<std::int64_t, std::size_t>> turns;
  for (const std::size_t index : layers) {
    const Layer& layer = trace.layers[index];
    RandomStream draw(static_cast<std::uint64_t>(layer.shape.macs()), layer.name + ' ' + machine.name);
    turns.emplace_back(draw.below(cost), index);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<std::size_t> drawn;
  for (const auto& [turn, index] : turns) {
    if (turn >= pe_cycles_a_layer && !drawn.empty()) break;
    if (!unit_refusal(trace.layers[index], machine)) drawn.push_back(index);
  }
  return drawn;
}

}  // namespace basil
