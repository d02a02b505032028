#include "dataflows/row_stationary/pass_costs.h"

#include <algorithm>
#include <numeric>

#include "core/checked.h"
#include "dataflows/row_stationary/row_streams.h"

namespace basil {
namespace {

// Streams over their paths, which are free when a pass begins.
struct Paths {
  const DataPaths& paths;
  Cycles filters_ahead;
  Cycles ifmap_end;

  [[nodiscard]] Cycles weights(Bytes bytes, Cycles start) const {
    return start + paths.filters.time(bytes) - filters_ahead;
  }
  Cycles ifmap(Bytes bytes, Cycles start) { return ifmap_end = start + paths.ifmap.time(bytes); }
  [[nodiscard]] Cycles psums_in(Bytes bytes, Cycles start) const {
    return (paths.psums_follow_ifmap ? std::max(start, ifmap_end) : start) + paths.psums_in.time(bytes);
  }
  [[nodiscard]] Cycles psums_out(Bytes bytes, Cycles start) const {
    return start + paths.psums_out.time(bytes);
  }
};

double moved(const RowPrices::Stream& price, const StreamPath& path, Bytes bytes, std::int64_t rows_driven) {
  const double beats = as_double(ceil_div(bytes.value * 8, path.bus_bits));
  return as_double(path.accesses(bytes)) * price.access +
         beats * (price.beat + as_double(rows_driven) * price.row_beat);
}

}  // namespace

PassCosts::PassCosts(const LayerShape& shape, const RowData& data, const RowArray& array,
                     const RowPrices& prices, RowFlows& flows, RowPace pace)
    : shape_(shape),
      data_(data),
      array_(array),
      prices_(prices),
      pace_(pace),
      timer_(shape, array, data.slots, {.network = {}, .double_weights = array.double_weights}, &flows),
      uniform_(std::adjacent_find(data.slots.begin(), data.slots.end(), std::not_equal_to<>()) ==
               data.slots.end()) {}

const PassCost& PassCosts::of(const RowPass& pass, const PassAhead& ahead) {
  const PassAhead useful = timer_.useful(pass, ahead);
  const Extents extents{pass.n.size(),      pass.filters.size(), pass.channels.size(), pass.taps_y.size(),
                        pass.taps_x.size(), pass.rows.size(),    pass.first ? 1 : 0,   useful.filter_beats};
  if (uniform_) {
    for (const auto& [known, cost] : known_) {
      if (known == extents) return *cost;
    }
  }
  return *known_.emplace_back(extents, std::make_unique<PassCost>(compute(pass, useful))).second;
}

PassCost PassCosts::compute(const RowPass& pass, const PassAhead& ahead) {
  const RowPassTiming timing = time(pass, ahead);
  const RowPassEnds ends = run_streams(row_streams(array_, pass, timing), timing.cycles, timing.filter_load,
                                       Paths{array_.paths, Cycles(ahead.filter_beats), Cycles(0)});
  return {ends.pass, timing.filter_load, energy(pass, timing, ends.pass)};
}

RowPassTiming PassCosts::time(const RowPass& pass, const PassAhead& ahead) {
  switch (pace_) {
    case RowPace::closed:
      return timer_.likely(pass, ahead);
    case RowPace::scaled:
      return scaled(pass, ahead);
    case RowPace::followed:
      break;
  }
  return timer_.time(pass, ahead);
}

// The first pass of its kind is as full as any.
RowPassTiming PassCosts::scaled(const RowPass& pass, const PassAhead& ahead) {
  Scale& scale = pass.first ? first_ : later_;
  RowPassTiming timing = timer_.likely(pass, ahead);
  const auto rest = [](const RowPassTiming& of) { return as_double((of.cycles - of.filter_load).value); };
  if (!scale.known) {
    const RowPassTiming& followed = timer_.time(pass, ahead);
    scale = {true, as_double(followed.filter_load.value) / std::max(1.0, as_double(timing.filter_load.value)),
             rest(followed) / std::max(1.0, rest(timing))};
    return followed;
  }
  const Cycles after(static_cast<std::int64_t>(rest(timing) * scale.rest));
  timing.filter_load = Cycles(static_cast<std::int64_t>(as_double(timing.filter_load.value) * scale.load));
  timing.cycles = timing.filter_load + after;
  return timing;
}

// The events that models/energy/energy.h prices, products and gated slots by the layer's share of zeros.
double PassCosts::energy(const RowPass& pass, const RowPassTiming& timing, Cycles cycles) const {
  const Activity& activity = timing.activity;
  const std::int64_t slots = data_.slots.empty()
                                 ? pass.filters.size()
                                 : std::accumulate(data_.slots.begin() + pass.filters.first,
                                                   data_.slots.begin() + pass.filters.end, std::int64_t{0});
  const std::int64_t words = std::int64_t{pass.n.size()} * pass.channels.size() * pass.taps_y.size() *
                             pass.taps_x.size() * pass.rows.size() * shape_.Q();
  const double all = as_double(words * slots);
  const double gated = array_.pe.zero_gating ? all * data_.ifmap_zeros : 0;
  const std::int64_t sets = ceil_div(pass.channels.size(), pass.q) * ceil_div(pass.filters.size(), pass.p);
  const std::int64_t active = sets * pass.taps_y.size() * pass.rows.size();
  const double waiting = as_double(active * cycles.value - activity.psum_adds) - all;
  double pj =
      (all - gated) * (prices_.product + prices_.filter_read + prices_.psum_read + prices_.psum_write) +
      gated * prices_.gated + waiting * prices_.waiting;
  pj += as_double(activity.psum_adds) * prices_.psum_add + as_double(activity.link_bits) * prices_.link_bit;
  pj += as_double(activity.filter_spad_writes) * prices_.filter_write +
        as_double(activity.ifmap_spad_reads) * prices_.ifmap_read +
        as_double(activity.ifmap_spad_writes) * prices_.ifmap_write +
        as_double(activity.psum_spad_reads) * prices_.psum_read;

  const RowPassStreams streams = row_streams(array_, pass, timing);
  const DataPaths& paths = array_.paths;
  const auto rows = [&](std::int64_t takers) {
    return ceil_div(std::max<std::int64_t>(1, takers), array_.cols);
  };
  return pj + moved(prices_.filters, paths.filters, streams.weights, rows(streams.weight_takers)) +
         moved(prices_.ifmap, paths.ifmap, streams.ifmap, rows(streams.ifmap_takers)) +
         moved(prices_.psums_in, paths.psums_in, streams.psums_in, 1) +
         moved(prices_.psums_out, paths.psums_out, streams.psums_out, 1);
}

}  // namespace basil
