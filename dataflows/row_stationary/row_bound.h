// What mappings come to in closed form: the least of many at once, which lets the mapper pass over most of
// them, and what one is likely to.
#pragma once

#include "dataflows/row_stationary/row_price.h"

namespace basil {

// The least is sound against RowPricer (a property test holds it): slots of the busiest PE, words over the
// ifmap's and the psums' paths, weights into the spads, bytes over DRAM's link. Stalls, climbs, latencies are
// left out.
class RowBound {
 public:
  RowBound(const LayerShape& shape, const RowData& data, const RowArray& array, const RowPrices& prices);

  // Of all with these strips and taps on `sets` sets of PEs.
  [[nodiscard]] RowCost of_strips(int e, int taps_y, int sets) const;
  // The same with p filters and q channels in a PE, of the map; the least falls as the sets grow.
  struct Sets {
    int filters = 1, channels = 1;  // at most so many for either,
    int all = 1;                    // and in all
  };
  [[nodiscard]] RowCost of_interleaving(const RowMapping& map, const Sets& sets) const;
  // What a mapping is likely to cost, with what every pass takes to fill and waits for: no bound, but an
  // order of mappings.
  [[nodiscard]] RowCost likely(const RowMapping& map) const;
  // of_interleaving with fills: below what is likely.
  [[nodiscard]] RowCost with_fills(const RowMapping& map, const Sets& sets) const;

 private:
  struct Counts;
  [[nodiscard]] Counts count(const RowMapping& map) const;
  [[nodiscard]] double work(const RowMapping& map, const Counts& counts) const;
  [[nodiscard]] double likely_work(const RowMapping& map, const Counts& counts) const;
  [[nodiscard]] double likely_pj(const RowMapping& map, const Counts& counts, double cycles) const;
  [[nodiscard]] RowCost interleaved(const RowMapping& map, const Sets& sets, double more) const;
  [[nodiscard]] double fill(const RowMapping& map, double first_words, double climb) const;
  // Beside the array's own cycles: what of these bytes and of the ofmap's does not travel under its work.
  [[nodiscard]] RowCost with_dram(double cycles, double in_weights, double in_ifmap) const;
  [[nodiscard]] RowCost with_energy(double cycles, double dram_bytes) const;
  [[nodiscard]] double loading(int e, int n) const;
  [[nodiscard]] double ifmap_word_cycles(const RowMapping& map) const;
  [[nodiscard]] double ifmap_cycles(const RowMapping& map, double filter_chunks) const;
  [[nodiscard]] bool keeps_weights(double filters) const;
  [[nodiscard]] double weight_bytes(const RowMapping& map, double filters) const;
  [[nodiscard]] double ifmap_bytes(const RowMapping& map, double blocks) const;

  const LayerShape& shape_;
  const RowArray& array_;
  const RowPrices& prices_;
  bool priced_;                             // else only cycles are asked for
  double least_slots_ = 1, all_slots_ = 0;  // of a filter, and of a group's
  double filter_word_cycles_, ifmap_word_cycles_, psum_cycles_, psum_in_cycles_;  // of one on its way
  double weight_coding_, ifmap_coding_, ifmap_zeros_;
  double pixels_;  // of all groups and ifmaps, a row: groups x N x Q
  double filters_, channels_;
  double ofmap_bytes_, steady_pj_;
};

}  // namespace basil
