#include "models/checks/count_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/random_stream.h"
#include "models/layer/block_sums.h"
#include "models/layer/refusals.h"
#include "models/machine/counts.h"
#include "traces/pieces/layer_box.h"

namespace basil {
namespace {

// Of a block at most: clocking an array takes about 10 ns a PE-cycle.
constexpr int most_rows = 3, most_columns = 4, most_filters = 6;
constexpr std::int64_t most_terms = 256;
constexpr int most_grid = 8;                        // rows and columns of a grid of PEs
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
  if (machine.dataflow->corner != nullptr) return machine.dataflow->corner(machine);
  Description corner = machine;
  corner.rows = std::min(machine.rows, most_grid);
  corner.cols = std::min(machine.cols, most_grid);
  corner.unit_parameters.rows = corner.rows;
  return corner;
}

// One block of one layer on one machine.
class BlockCheck {
 public:
  BlockCheck(const Layer& block, const Description& machine, std::string where)
      : block_(block),
        machine_(machine),
        where_(std::move(where)),
        array_(machine.dataflow->make(machine, nullptr)),
        fast_(blank_sums(block)),
        clocked_(fast_) {}

  std::optional<std::int64_t> run(RandomStream& draw) {
    const std::vector<Step> passes = machine_.dataflow->block_passes(block_, machine_, draw);
    if (passes.empty()) return std::nullopt;
    array_->take(block_);
    std::int64_t pe_cycles = 0;
    for (const Step& pass : passes) pe_cycles += run_pass(pass, &pass == &passes.back());
    return pe_cycles;
  }

 private:
  // The PE-cycles that were clocked.
  std::int64_t run_pass(const Step& step, bool last) {
    const std::unique_ptr<ClockedPass> twin = array_->clocked(step, last, clocked_, {});
    const PassCounts counts = array_->compute(step, fast_);
    const PassWork work = array_->work(step, counts, last);
    clock(*twin);
    if (const TileWork* all = twin->tile_work())
      demand_same_work(where_, counts.tile, *all, machine_.dataflow->parts(machine_));
    demand_same_activity(where_, work.activity, twin->activity());
    demand_same_cycles(where_, work.cycles, twin->cycles());
    demand_same_bins(where_, work.bins, twin->bins());
    twin->hand_over(clocked_);
    demand_same_sums(where_, block_, fast_, clocked_);
    return work.bins.total();
  }

  void clock(ClockedPass& twin) const {
    for (std::int64_t cycles = 0; !twin.done(); ++cycles) {
      if (cycles == most_cycles) throw Failure(where_ + ": the clocked array does not end");
      twin.step();
    }
  }

  const Layer& block_;
  const Description& machine_;
  std::string where_;
  std::unique_ptr<Array> array_;
  Ofmap fast_, clocked_;
};

// Of clocking a block, as measured on 3 x 3 convolutions.
std::int64_t expected_pe_cycles(const Description& machine) {
  if (machine.dataflow->block_pe_cycles > 0) return machine.dataflow->block_pe_cycles;
  return 50 * corner_of(machine).pes();
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
  return BlockCheck(block, corner, where).run(draw);
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
