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
  [[nodiscard]] JoinTotals join_all();
  [[nodiscard]] std::int64_t slowest_cluster() const;
  [[nodiscard]] std::int64_t products(const JoinTotals& totals, int filters) const;
  [[nodiscard]] InnerEvents events(const JoinTotals& totals, int filters) const;

  InnerArray array_;
  std::int64_t positions_, chunks_;  // of a filter
  PatchMasks patches_;
  FilterMasks filters_;
  std::vector<std::uint64_t> ones_;   // of a patch that is not skipped
  std::vector<std::int64_t> cycles_;  // of each pixel of the pass
  MacValues<std::int16_t> values_;
};

}  // namespace basil
