#include "dataflows/row_stationary/row_price.h"

#include <algorithm>
#include <limits>

#include "dataflows/row_stationary/layer_walk.h"

namespace basil {
namespace {

// The least of a layer that its largest passes alone say: those as large as the very first, or the first
// after it that adds to sums.
RowCost of_largest_passes(const LayerShape& shape, const RowMapping& map, const RowPrices& prices,
                          PassCosts& costs) {
  const auto whole = [](int of, int by) { return std::max<std::int64_t>(1, of / by); };
  const int filters = shape.filters_per_group(), chunk = map.p * map.t;
  RowLoops::Counters at{};
  std::int64_t sums = 1;  // passes that add to one sum
  const auto count = [&](RowLoops::Level level, int of, int by) {
    const std::int64_t pieces = whole(of, by);
    if (pieces > 1 && sums == 1) at[level] = 1;
    sums *= pieces;
  };
  count(RowLoops::tap_y, shape.R, map.taps_y);
  count(RowLoops::tap_x, shape.S, map.taps_x);
  count(RowLoops::channel_chunk, shape.channels_per_group(), map.q * map.r);
  const std::int64_t passes = std::max<std::int64_t>(1, sums - 1) * shape.groups * whole(shape.N, map.n) *
                              whole(shape.P(), map.e) * whole(filters, map.m) *
                              whole(std::min(map.m, filters), chunk);
  const PassCost& each = costs.of(RowLoops(shape, map).pass(at));
  const Cycles cycles = passes * each.cycles;
  return {cycles,
          static_cast<double>(passes) * each.energy_pj + static_cast<double>(cycles.value) * prices.cycle,
          Bytes(0)};
}

}  // namespace

double score(const RowCost& cost, RowObjective objective) {
  const auto cycles = static_cast<double>(cost.cycles.value);
  switch (objective) {
    case RowObjective::cycles:
      return cycles;
    case RowObjective::energy:
      return cost.energy_pj;
    case RowObjective::edp:
      break;
  }
  return cycles * cost.energy_pj;
}

RowPricer::RowPricer(const LayerShape& shape, const RowData& data, const RowArray& array,
                     const RowPrices& prices, RowFlows* flows)
    : shape_(shape),
      data_(data),
      array_(array),
      prices_(prices),
      own_flows_(array),
      flows_(flows != nullptr ? flows : &own_flows_) {}

std::optional<RowCost> RowPricer::price(const RowMapping& mapping, RowObjective objective,
                                        std::optional<double> most, RowPace pace) const {
  PassCosts costs(shape_, data_, array_, prices_, *flows_, pace);
  if (most && score(of_largest_passes(shape_, mapping, prices_, costs), objective) > *most)
    return std::nullopt;
  Cycles most_cycles(std::numeric_limits<std::int64_t>::max());
  if (most && objective == RowObjective::cycles) most_cycles = Cycles(static_cast<std::int64_t>(*most));
  const auto cost = LayerWalk(shape_, data_, array_, prices_, mapping, costs).run(most_cycles);
  if (!cost || (most && score(*cost, objective) > *most)) return std::nullopt;
  return cost;
}

}  // namespace basil
