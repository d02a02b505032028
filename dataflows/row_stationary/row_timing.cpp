#include "dataflows/row_stationary/row_timing.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace basil {
namespace {

// Channels or filters of each set: full ones, then the rest.
std::vector<int> set_sizes(int all, int full) {
  std::vector<int> sizes;
  for (int left = all; left > 0; left -= full) sizes.push_back(std::min(left, full));
  return sizes;
}

// Distinct ifmap rows that the PEs of a set need.
std::int64_t rows_needed(const LayerShape& shape, int ofmap_rows, int taps_y) {
  std::set<int> rows;
  for (int row = 0; row < ofmap_rows; ++row) {
    for (int tap = 0; tap < taps_y; ++tap) rows.insert(row * shape.stride_y + tap * shape.dilation_y);
  }
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace

RowTimer::RowTimer(const LayerShape& shape, const RowArray& array, std::vector<int> slots)
    : shape_(shape), array_(array), slots_(std::move(slots)) {}

// Slots an ifmap word takes in the PEs of each filter set.
std::vector<int> RowTimer::set_slots(const RowPass& pass) const {
  std::vector<int> slots;
  for (int first = pass.filters.first; first < pass.filters.end; first += pass.p) {
    const int end = std::min(first + pass.p, pass.filters.end);
    slots.push_back(slots_.empty() ? end - first
                                   : std::accumulate(slots_.begin() + first, slots_.begin() + end, 0));
  }
  return slots;
}

const RowPassTiming& RowTimer::time(const RowPass& pass) {
  const Extents extents{pass.n.size(),      pass.filters.size(), pass.channels.size(), pass.taps_y.size(),
                        pass.taps_x.size(), pass.rows.size(),    pass.first,           set_slots(pass)};
  const auto known = known_.find(extents);
  if (known != known_.end()) return known->second;
  return known_.emplace(extents, compute(pass)).first->second;
}

// Work of a PE with `channels` channels in a column of `channel_sets` sets; the first filter set has the most
// filters, and any may have the most slots. It takes in psums unless it is a whole column by itself in a
// first pass.
RowShape RowTimer::share_of(const RowPass& pass, int channels, std::size_t channel_sets) const {
  const std::vector<int> slots = set_slots(pass);
  const int most_slots = *std::max_element(slots.begin(), slots.end());
  const bool alone = pass.taps_y.size() * static_cast<int>(channel_sets) == 1;
  return {.n = pass.n.size(),
          .p = std::min(pass.p, pass.filters.size()),
          .q = channels,
          .taps = pass.taps_x.size(),
          .stride = shape_.stride_x,
          .dilation = shape_.dilation_x,
          .windows = shape_.Q(),
          .psums_in = !alone || !pass.first,
          .slots = most_slots};
}

// The PE of a channel set whose ifmap row the bus serves last. For each ifmap column the bus carries set by
// set, row by row, channel by channel.
RowTiming RowTimer::served_last(const RowPass& pass, const std::vector<int>& channel_sets, std::size_t set,
                                Cycles filter_load) const {
  const RowShape share = share_of(pass, channel_sets[set], channel_sets.size());
  const std::int64_t rows = rows_needed(shape_, pass.rows.size(), pass.taps_y.size());
  const std::int64_t before =
      rows *
      std::accumulate(channel_sets.begin(), channel_sets.begin() + static_cast<std::ptrdiff_t>(set), 0);
  const auto columns = static_cast<std::int64_t>(touched_columns(share).size());
  const int words_per_cycle = array_.ifmap_words_per_cycle;
  std::vector<std::int64_t> arrival;
  arrival.reserve(static_cast<std::size_t>(columns * share.n * share.q));
  for (std::int64_t column = 0; column < columns * share.n; ++column) {
    for (int q = 0; q < share.q; ++q) {
      const std::int64_t word = column * rows * pass.channels.size() + before + (rows - 1) * share.q + q;
      arrival.push_back(filter_load.value + word / words_per_cycle + 1);
    }
  }
  return time_row(array_.pe, share, arrival);
}

RowPassTiming RowTimer::compute(const RowPass& pass) const {
  const std::vector<int> filter_sets = set_sizes(pass.filters.size(), pass.p);
  const std::vector<int> channel_sets = set_sizes(pass.channels.size(), pass.q);

  RowPassTiming timing;
  for (const int slots : set_slots(pass)) {
    for (const int q : channel_sets) {
      timing.filter_load += pass.taps_y.size() * Cycles(ceil_div(std::int64_t{slots} * q * pass.taps_x.size(),
                                                                 array_.pe.filter_words_per_beat));
    }
  }

  // The latest PE is the one served last in its set: in the last set, or, when that has fewer channels and so
  // less to do, in the one before.
  RowTiming latest = served_last(pass, channel_sets, channel_sets.size() - 1, timing.filter_load);
  if (channel_sets.size() > 1) {
    const RowTiming before = served_last(pass, channel_sets, channel_sets.size() - 2, timing.filter_load);
    if (before.cycles > latest.cycles) latest = before;
  }
  const RowShape share = share_of(pass, channel_sets.back(), channel_sets.size());
  const std::int64_t column_words =
      rows_needed(shape_, pass.rows.size(), pass.taps_y.size()) * pass.channels.size();
  timing.ifmap_words = static_cast<std::int64_t>(touched_columns(share).size()) * share.n * column_words;
  timing.wait_activations =
      latest.cycles - latest.products - latest.psum_slots - latest.tail - timing.filter_load;

  const std::int64_t climb =
      std::int64_t{pass.taps_y.size()} * static_cast<std::int64_t>(channel_sets.size()) - 1;
  const std::int64_t last_beats = ceil_div(share.p, array_.psum_words_per_beat);
  timing.chain = latest.tail + climb * Cycles(array_.pe.pipeline + 1) + Cycles(last_beats);
  timing.cycles = latest.cycles - latest.tail + timing.chain;

  std::int64_t beats = 0;
  for (const int p : filter_sets) beats += ceil_div(p, array_.psum_words_per_beat);
  beats *= std::int64_t{pass.n.size()} * share.windows * pass.rows.size();
  const std::int64_t first_window = timing.filter_load.value +
                                    std::int64_t{share.taps} * column_words / array_.ifmap_words_per_cycle +
                                    share.word_slots();
  timing.bus = std::max(Cycles(0), Cycles(first_window + beats) + timing.chain - timing.cycles);
  timing.cycles += timing.bus;
  count_events(pass, timing);
  return timing;
}

void RowTimer::count_events(const RowPass& pass, RowPassTiming& timing) const {
  const std::int64_t windows = std::int64_t{pass.n.size()} * shape_.Q();
  const std::int64_t filters = pass.filters.size(), channels = pass.channels.size();
  const std::int64_t taps_y = pass.taps_y.size(), taps_x = pass.taps_x.size(), rows = pass.rows.size();
  const std::int64_t filter_sets = ceil_div(filters, pass.p), channel_sets = ceil_div(channels, pass.q);
  const RowShape share{.n = pass.n.size(),
                       .taps = pass.taps_x.size(),
                       .stride = shape_.stride_x,
                       .dilation = shape_.dilation_x,
                       .windows = shape_.Q()};
  const auto columns = static_cast<std::int64_t>(touched_columns(share).size());

  Activity& activity = timing.activity;
  const std::int64_t sums = windows * rows * filters;     // psums a PE row of the column hands on
  const std::int64_t column_pes = taps_y * channel_sets;  // PEs that a psum passes
  timing.psum_slots = sums * (column_pes - (pass.first ? 1 : 0));
  activity.psum_adds = timing.psum_slots;
  activity.psum_spad_reads = timing.psum_slots;
  const std::vector<int> slots = set_slots(pass);
  activity.filter_spad_writes =
      std::accumulate(slots.begin(), slots.end(), std::int64_t{0}) * channels * taps_y * taps_x * rows;
  activity.ifmap_spad_writes = pass.n.size() * columns * channels * taps_y * rows * filter_sets;
  activity.ifmap_spad_reads = windows * channels * taps_x * taps_y * rows * filter_sets;
  activity.link_bits = sums * (column_pes - 1) * array_.accumulator_bits;
}

}  // namespace basil
