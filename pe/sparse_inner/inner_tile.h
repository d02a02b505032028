// The fast inner-join array: the exact cycles of a pass from ANDs and population counts of the masks, 64
// positions at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/mac/mac_values.h"
#include "pe/sparse_inner/filter_masks.h"
#include "pe/sparse_inner/inner_array.h"
#include "pe/sparse_inner/join_kernels.h"
#include "pe/sparse_inner/patch_masks.h"

namespace basil {

class InnerTile final : public TileUnit {
 public:
  InnerTile(const Layer& layer, const UnitParameters& parameters);
  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  [[nodiscard]] JoinTotals join_all(const FilterSets& sets);
  void add_work(const FilterSets& sets, std::int64_t chunk);
  // When the slowest cluster has issued its last match, and what all clusters waited for sets.
  struct IssueTime {
    std::int64_t end = 0, waited = 0;
  };
  [[nodiscard]] IssueTime issue(const FilterSets& sets);
  [[nodiscard]] std::int64_t set_cycles(std::int64_t chunk, int filters) const;
  [[nodiscard]] std::int64_t products(const JoinTotals& totals, int filters) const;
  [[nodiscard]] InnerEvents events(const FilterSets& sets, const JoinTotals& totals, int filters) const;

  InnerArray array_;
  std::int64_t positions_, chunks_;  // of a filter
  PatchMasks patches_;
  FilterMasks filters_;
  std::vector<std::uint64_t> ones_;          // of a patch that is not skipped
  std::vector<std::int64_t> cycles_;         // of each pixel of the pass, for a chunk
  std::vector<std::int64_t> work_;           // of each set, of each cluster
  std::vector<std::int64_t> begun_, ended_;  // of each cluster: the set at work
  MacValues<std::int16_t> values_;
};

}  // namespace basil
