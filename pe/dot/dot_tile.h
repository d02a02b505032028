// The dense dot-product array, a pass at a time. Data cannot change its pace: cycles are a closed form, and
// zeros are counted only to say which multipliers were gated.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pe/dot/dot_work.h"
#include "pe/mac/mac_values.h"

namespace basil {

class DotTileUnit final : public TileUnit {
 public:
  DotTileUnit(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  void add_tile(std::int64_t images, int pixels, int filters, DotEvents& events) const;
  [[nodiscard]] std::int64_t effectual(const TilePass& pass);
  void count_ifmap(const TilePass& pass);
  void count_row(const TilePass& pass, int n, int y);
  void count_weights(const TilePass& pass);

  const Layer& layer_;
  DotMachine machine_;
  SliceReader weights_, ifmap_;
  MacValues<std::int16_t> values_;

  // Of a pass, for each place of the reduction: its non-zeros among all pixels' patches, and among all
  // filters.
  std::optional<TilePass> held_;  // whose ifmap was counted; its filters do not matter
  std::vector<std::int32_t> in_ifmap_, in_weights_;
  std::vector<std::int16_t> words_;
  std::vector<std::int32_t> row_;  // of an ifmap row, for each filter column
};

}  // namespace basil
