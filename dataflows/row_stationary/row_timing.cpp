#include "dataflows/row_stationary/row_timing.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dataflows/row_stationary/window_pace.h"

namespace basil {
namespace {

// A stream in packets, of which a flit carries so many words, and the buffer's port moves so many a cycle.
RowFeed in_packets(const RowNetwork& network, int flit_words, int port_words, std::int64_t takers) {
  const int words = network.packet_flits * flit_words;
  return {.words = words,
          .cycles = static_cast<int>(ceil_div(words, std::max(1, port_words))),
          .window = network.window,
          .flits = network.packet_flits,
          .takers = takers};
}

}  // namespace

RowTimer::RowTimer(const LayerShape& shape, const RowArray& array, std::vector<int> slots,
                   const RowLinks& links, RowFlows* flows)
    : shape_(shape), array_(array), links_(links), slots_(std::move(slots)), flows_(flows) {
  if (flows_ == nullptr) own_flows_.emplace(array, links.network);
}

std::vector<int> RowTimer::slots_of(const Range& filters) const {
  if (slots_.empty()) return {};
  return {slots_.begin() + filters.first, slots_.begin() + filters.end};
}

const RowPassTiming& RowTimer::time(const RowPass& pass, const PassAhead& ahead) {
  Extents extents{pass.n.size(),         pass.filters.size(), pass.channels.size(), pass.taps_y.size(),
                  pass.taps_x.size(),    pass.rows.size(),    pass.first,           ahead,
                  slots_of(pass.filters)};
  const auto known = known_.find(extents);
  if (known != known_.end()) return known->second;
  return known_.emplace(std::move(extents), compute(pass, ahead)).first->second;
}

std::int64_t RowTimer::filter_beats(const RowFlowShape& shape) const {
  std::int64_t beats = 0;
  for (const std::vector<int>& set : shape.slots) {
    const std::int64_t slots = std::accumulate(set.begin(), set.end(), std::int64_t{0});
    for (const int channels : shape.channels)
      beats += shape.taps_y * ceil_div(slots * channels * shape.taps_x, array_.pe.filter_words_per_beat);
  }
  return beats;
}

RowPassTiming RowTimer::likely(const RowPass& pass, const PassAhead& ahead) const {
  const RowFlowShape shape = flow_shape(pass);
  RowPassTiming timing;
  timing.activity = count_events(pass, shape);
  const std::int64_t beats = filter_beats(shape), words = ifmap_words(shape);
  const std::int64_t windows = std::int64_t{shape.n} * shape.windows;
  const double climb = static_cast<double>(shape.chain()) * (array_.pe.pipeline + 1);
  double columns = 0, busiest = 0;  // beats of all columns; a PE's products and psums
  for (const std::vector<int>& set : shape.slots)
    columns += shape.rows * psum_beats(array_, static_cast<int>(set.size()));
  const bool takes_psums = shape.psums_in || shape.chain() > 1;
  for (const std::vector<int>& set : shape.slots) {
    const std::int64_t slots = std::accumulate(set.begin(), set.end(), std::int64_t{0});
    const auto filters = static_cast<double>(set.size());
    const double own = static_cast<double>(shape.taps_x * slots * shape.channels.front());
    const double products = takes_psums ? own : own - filters;  // else sums leave with the last word's slots
    busiest = std::max(busiest, window_cycles(products, columns, static_cast<int>(set.size())));
  }
  const double bus = static_cast<double>(words) / array_.ifmap_words(shape.ifmap_words);
  const double first = bus / static_cast<double>(std::int64_t{shape.n} * touched_columns(shape));
  timing.filter_load = Cycles(beats - std::min(beats, ahead.filter_beats));
  timing.cycles =
      timing.filter_load + Cycles(static_cast<std::int64_t>(
                               std::max(bus, static_cast<double>(windows) * busiest) + first + climb));
  timing.flow.filter_bus.beats = beats;
  timing.flow.ifmap_bus.words = words;
  timing.flow.psum_out_bus.words = windows * shape.rows * pass.filters.size();
  return timing;
}

PassAhead RowTimer::useful(const RowPass& pass, const PassAhead& ahead) const {
  if (!links_.double_weights && !links_.double_ifmap) return {};
  const RowFlowShape shape = flow_shape(pass);
  // Places before and in a PE's spad, for each row and channel set that the bus serves, in turn.
  const std::int64_t places = std::int64_t{array_.ifmap_fifo + array_.pe.ifmap_spad} * shape.rows *
                              shape.taps_y * std::ssize(shape.channels);
  return {links_.double_weights ? std::min(ahead.filter_beats, filter_beats(shape)) : 0,
          links_.double_ifmap ? std::min(ahead.ifmap_cycles, places) : 0, links_.double_ifmap};
}

// Full sets of p filters and of q channels, then what is left.
RowFlowShape RowTimer::flow_shape(const RowPass& pass) const {
  RowFlowShape shape{.n = pass.n.size(),
                     .rows = pass.rows.size(),
                     .windows = shape_.Q(),
                     .taps_y = pass.taps_y.size(),
                     .taps_x = pass.taps_x.size(),
                     .stride_y = shape_.stride_y,
                     .stride_x = shape_.stride_x,
                     .dilation_y = shape_.dilation_y,
                     .dilation_x = shape_.dilation_x,
                     .slots = {},
                     .channels = {},
                     .psums_in = !pass.first,
                     .ifmap_words = pass.ifmap_words};
  for (int first = pass.filters.first; first < pass.filters.end; first += pass.p) {
    const Range set{first, std::min(first + pass.p, pass.filters.end)};
    shape.slots.push_back(slots_.empty() ? std::vector<int>(static_cast<std::size_t>(set.size()), 1)
                                         : slots_of(set));
  }
  for (int left = pass.channels.size(); left > 0; left -= pass.q)
    shape.channels.push_back(std::min(left, pass.q));
  return shape;
}

RowFeeds RowTimer::feeds(const RowFlowShape& shape, const Activity& activity) const {
  if (!links_.network) return {};  // a bus takes in a beat what its buffer's port gives in a cycle
  const RowNetwork& network = *links_.network;
  const std::int64_t ifmap_takers =
      ceil_div(activity.ifmap_spad_writes, std::max<std::int64_t>(1, ifmap_words(shape)));
  const int port = links_.fmap_port_words;
  // Filters are counted in beats.
  const int filter_port = std::max(1, links_.filter_port_words / array_.pe.filter_words_per_beat);
  return {.filters = in_packets(network, 1, filter_port, shape.rows),
          .ifmap = in_packets(network, array_.ifmap_words_per_cycle, port, ifmap_takers),
          .psums_in = in_packets(network, array_.psum_words_per_beat, port, 1),
          .psums_out = in_packets(network, array_.psum_words_per_beat, port, 1)};
}

RowPassTiming RowTimer::compute(const RowPass& pass, const PassAhead& ahead) {
  RowFlowShape shape = flow_shape(pass);
  shape.ahead = ahead;
  RowPassTiming timing;
  timing.activity = count_events(pass, shape);
  shape.feeds = feeds(shape, timing.activity);
  timing.flow = (flows_ != nullptr ? *flows_ : *own_flows_).of(shape);
  timing.cycles = timing.flow.cycles;
  timing.filter_load = Cycles(timing.flow.filter_bus.until);
  return timing;
}

Activity RowTimer::count_events(const RowPass& pass, const RowFlowShape& shape) const {
  const std::int64_t windows = std::int64_t{shape.n} * shape.windows;
  const std::int64_t channels = pass.channels.size(), taps = std::int64_t{shape.taps_y} * shape.taps_x;
  const std::int64_t sets = shape.filter_sets(), rows = shape.rows;
  const std::vector<int> slots = slots_of(pass.filters);
  const std::int64_t all_slots =
      slots.empty() ? pass.filters.size() : std::accumulate(slots.begin(), slots.end(), std::int64_t{0});

  Activity activity;
  const std::int64_t sums = windows * rows * pass.filters.size();  // psums a PE row of the column hands on
  const std::int64_t column_pes = shape.chain();                   // PEs that a psum passes
  activity.psum_adds = sums * (column_pes - (pass.first ? 1 : 0));
  activity.psum_spad_reads = activity.psum_adds;
  activity.filter_spad_writes = all_slots * channels * taps * rows;
  activity.ifmap_spad_writes =
      std::int64_t{shape.n} * touched_columns(shape) * channels * shape.taps_y * rows * sets;
  activity.ifmap_spad_reads = windows * channels * taps * rows * sets;
  activity.link_bits = sums * (column_pes - 1) * array_.accumulator_bits;
  return activity;
}

}  // namespace basil
