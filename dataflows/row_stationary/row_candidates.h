// Every mapping that cuts a layer evenly and that an array holds: branch and bound, by closed costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dataflows/row_stationary/row_bound.h"
#include "dataflows/row_stationary/row_fit.h"

namespace basil {

// What scores better by no more than this part is not looked for.
inline constexpr double worth_finding = 0.99;

// Every size up to `most` that cuts `of` into a different number of even pieces, largest first. A greater
// `most` only adds to them.
[[nodiscard]] std::vector<int> useful_sizes(int of, int most);

// Every candidate is one on a machine with more rows, columns, spads or buffer, too: the sizes of all letters
// follow from the layer, the machine only says which of them it holds.
class RowCandidates {
 public:
  RowCandidates(const LayerShape& shape, const RowArray& array, const RowBound& bound, RowObjective objective)
      : shape_(shape),
        array_(array),
        bound_(bound),
        objective_(objective),
        batches_(useful_sizes(shape.N, shape.N)) {
    for (const int taps_x : useful_sizes(shape.S, shape.S)) {
      const RowShape share{
          .taps = taps_x, .stride = shape.stride_x, .dilation = shape.dilation_x, .windows = shape.Q()};
      const int spad = ifmap_spad_needed(share);
      if (taps_x * array.weight_slots > array.pe.filter_spad || spad > array.pe.ifmap_spad) continue;
      for (const int taps_y : useful_sizes(shape.R, array.rows)) add_strips(taps_y, taps_x, spad);
    }
    std::stable_sort(strips_.begin(), strips_.end(),
                     [](const Strips& a, const Strips& b) { return a.least < b.least; });
  }

  // No mapping scores below it.
  [[nodiscard]] double floor() const { return strips_.empty() ? 0 : strips_.front().least; }

  // Calls `take(mapping, closed score)` for every candidate whose closed costs score below `limit()`.
  template <class Limit, class Take>
  void each(const Limit& limit_of, const Take& take) const {
    const auto limit = [&] { return worth_finding * limit_of(); };
    for (const Strips& strips : strips_) {
      if (strips.least >= limit()) break;
      each_interleaving(strips, limit, take);
    }
  }

 private:
  struct Strips {
    RowMapping map;
    int sets = 0, spad = 0;  // words of ifmap spad a channel takes
    double least = 0;
  };

  void add_strips(int taps_y, int taps_x, int spad) {
    for (const int e : useful_sizes(shape_.P(), array_.cols * (array_.rows / taps_y))) {
      const int sets = sets_held(array_, taps_y, e);
      if (sets < 1) continue;
      const double least = score(bound_.of_strips(e, taps_y, sets), objective_);
      strips_.push_back({{.n = shape_.N, .e = e, .taps_y = taps_y, .taps_x = taps_x}, sets, spad, least});
    }
  }

  template <class Limit, class Take>
  void each_interleaving(const Strips& strips, const Limit& limit, const Take& take) const {
    RowMapping map = strips.map;
    for (const int q : useful_sizes(shape_.channels_per_group(), array_.pe.ifmap_spad / strips.spad)) {
      map.q = q;
      const std::vector<int> sets_of_channels =
          useful_sizes(static_cast<int>(ceil_div(shape_.channels_per_group(), q)), strips.sets);
      const int most_p =
          std::min(array_.pe.psum_spad, array_.pe.filter_spad / (q * map.taps_x * array_.weight_slots));
      for (const int p : useful_sizes(shape_.filters_per_group(), most_p)) {
        map.p = p;
        if (least(map, {strips.sets, strips.sets, strips.sets}) >= limit()) continue;
        each_arrangement(map, strips.sets, sets_of_channels, limit, take);
      }
    }
  }

  template <class Limit, class Take>
  void each_arrangement(RowMapping map, int sets, const std::vector<int>& sets_of_channels,
                        const Limit& limit, const Take& take) const {
    for (const int t : useful_sizes(static_cast<int>(ceil_div(shape_.filters_per_group(), map.p)), sets)) {
      map.t = t;
      for (const int r : sets_of_channels) {
        if (r > sets / t) continue;
        if (least(map, {t, r, t * r}) >= limit()) break;  // fewer sets cost no less
        map.r = r;
        each_block(map, limit, take);
      }
    }
  }

  template <class Limit, class Take>
  void each_block(RowMapping map, const Limit& limit, const Take& take) const {
    for (const int n : batches_) {
      map.n = n;
      map.m = filters_held(map);
      if (map.m == 0) continue;
      const double closed = score(bound_.likely(map), objective_);
      if (closed < limit()) take(map, closed);
    }
  }

  [[nodiscard]] double least(const RowMapping& map, const RowBound::Sets& sets) const {
    return score(bound_.with_fills(map, sets), objective_);
  }

  // As many filters in the buffer as it holds, in even blocks: fewer only bring the ifmap in more often. 0:
  // not even those of a pass.
  [[nodiscard]] int filters_held(const RowMapping& map) const {
    const int filters = shape_.filters_per_group(), chunk = map.p * map.t;
    const std::int64_t room = array_.fmap_buffer.value - ifmap_tile_bytes(shape_, array_, map);
    const std::int64_t of_filter = std::int64_t{map.n} * map.e * shape_.Q() * array_.psum_bytes();
    const std::int64_t held = std::max<std::int64_t>(0, room) / of_filter;
    const std::int64_t chunks = ceil_div(filters, chunk);
    if (held >= filters) return static_cast<int>(chunks) * chunk;
    if (held < chunk) return 0;
    return static_cast<int>(ceil_div(chunks, ceil_div(chunks, held / chunk))) * chunk;
  }

  const LayerShape& shape_;
  const RowArray& array_;
  const RowBound& bound_;
  RowObjective objective_;
  std::vector<int> batches_;  // sizes of n
  std::vector<Strips> strips_;
};

}  // namespace basil
