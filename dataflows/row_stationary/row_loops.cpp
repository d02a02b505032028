#include "dataflows/row_stationary/row_loops.h"

#include <algorithm>

#include "pe/pass_traffic.h"

namespace basil {

RowLoops::RowLoops(const LayerShape& shape, const RowMapping& mapping) : shape_(shape), map_(mapping) {
  const int filters = shape.filters_per_group();
  const auto count = [](int of, int by) { return static_cast<int>(ceil_div(of, by)); };
  bounds_ = {shape.groups,
             count(filters, map_.m),
             count(shape.N, map_.n),
             count(shape.P(), map_.e),
             count(shape.R, map_.taps_y),
             count(shape.S, map_.taps_x),
             count(shape.channels_per_group(), map_.q * map_.r),
             count(std::min(map_.m, filters), map_.p * map_.t)};
}

Range RowLoops::block_filters(const Counters& at) const {
  return piece(at[filter_block], map_.m, shape_.filters_per_group());
}

int RowLoops::bound(std::size_t level, const Counters& at) const {
  if (level != filter_chunk) return bounds_[level];
  return static_cast<int>(ceil_div(block_filters(at).size(), map_.p * map_.t));
}

std::int64_t RowLoops::size() const {
  const int last_block = shape_.filters_per_group() - (bounds_[filter_block] - 1) * map_.m;
  std::int64_t chunks = ceil_div(last_block, map_.p * map_.t);
  chunks += std::int64_t{bounds_[filter_block] - 1} * bounds_[filter_chunk];
  for (const int level : {group, batch, strip, tap_y, tap_x, channel_chunk})
    chunks *= bounds_[static_cast<std::size_t>(level)];
  return chunks;
}

RowPass RowLoops::pass(const Counters& at) const {
  const Range block = block_filters(at);
  const Range chunk = piece(at[filter_chunk], map_.p * map_.t, block.size());
  const int base = at[group] * shape_.filters_per_group() + block.first;
  const bool first = at[tap_y] == 0 && at[tap_x] == 0 && at[channel_chunk] == 0;
  const bool last = at[tap_y] + 1 == bounds_[tap_y] && at[tap_x] + 1 == bounds_[tap_x] &&
                    at[channel_chunk] + 1 == bounds_[channel_chunk];
  return {.group = at[group],
          .n = piece(at[batch], map_.n, shape_.N),
          .filters = {base + chunk.first, base + chunk.end},
          .channels = piece(at[channel_chunk], map_.q * map_.r, shape_.channels_per_group()),
          .taps_y = piece(at[tap_y], map_.taps_y, shape_.R),
          .taps_x = piece(at[tap_x], map_.taps_x, shape_.S),
          .rows = piece(at[strip], map_.e, shape_.P()),
          .p = map_.p,
          .q = map_.q,
          .r = map_.r,
          .t = map_.t,
          .ifmap_words = map_.ifmap_words,
          .first = first,
          .last = last};
}

FmapTile RowLoops::ifmap(const RowPass& pass) const {
  const int channel = pass.group * shape_.channels_per_group();
  return {pass.n,
          {channel + pass.channels.first, channel + pass.channels.end},
          ifmap_rows(shape_, pass.rows, pass.taps_y)};
}

}  // namespace basil
