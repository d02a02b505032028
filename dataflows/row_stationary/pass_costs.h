// Costs of the passes of one mapping, by class: passes of the same extents cost the same.
#pragma once

#include <array>
#include <memory>

#include "dataflows/row_stationary/pass_pace.h"
#include "dataflows/row_stationary/row_costs.h"
#include "dataflows/row_stationary/row_flow.h"
#include "dataflows/row_stationary/row_loops.h"
#include "dataflows/row_stationary/row_timing.h"

namespace basil {

struct PassCost {
  Cycles cycles, filter_load;
  double energy_pj = 0;
};

class PassCosts {
 public:
  // `flows` must outlive it.
  PassCosts(const LayerShape& shape, const RowData& data, const RowArray& array, const RowPrices& prices,
            RowFlows& flows, RowPace pace);

  // Kept as long as this is.
  // `ahead`: what can have come under the pass before.
  [[nodiscard]] const PassCost& of(const RowPass& pass, const PassAhead& ahead = {});

 private:
  // n, filters, channels, rows of taps, columns of taps, rows, first, filter beats ahead
  using Extents = std::array<std::int64_t, 8>;
  [[nodiscard]] PassCost compute(const RowPass& pass, const PassAhead& ahead);
  [[nodiscard]] RowPassTiming time(const RowPass& pass, const PassAhead& ahead);
  [[nodiscard]] RowPassTiming scaled(const RowPass& pass, const PassAhead& ahead);
  [[nodiscard]] double energy(const RowPass& pass, const RowPassTiming& timing, Cycles cycles) const;

  const LayerShape& shape_;
  const RowData& data_;
  const RowArray& array_;
  const RowPrices& prices_;
  RowPace pace_;
  RowTimer timer_;
  bool uniform_;  // all filters take as many slots
  struct Scale {
    bool known = false;
    double load = 1, rest = 1;  // of filters, and of what follows
  };
  Scale first_, later_;  // of passes that begin sums, and of those that add to them
  std::vector<std::pair<Extents, std::unique_ptr<PassCost>>> known_;
};

}  // namespace basil
