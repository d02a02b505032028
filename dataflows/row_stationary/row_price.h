// What a layer will take with a mapping: the code that times the run, over the classes of its passes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataflows/row_stationary/pass_pace.h"
#include "dataflows/row_stationary/row_costs.h"
#include "dataflows/row_stationary/row_flow.h"
#include "dataflows/row_stationary/row_stationary.h"

namespace basil {

// Prices mappings of one layer on one array. A pass is timed by RowTimer and by its streams over the array's
// DataPaths; the passes follow each other by dataflows/pass_sequence.h. Against the run it leaves out: rows
// left open in DRAM (each transfer opens one), meetings at interleaved banks, DRAM's refresh and scheduling,
// contention between streams over routers, and data: zeros are taken to be spread evenly, the ofmap dense.
class RowPricer {
 public:
  // All of them must outlive it. `flows`: what is known of the array from other layers, kept for the next.
  RowPricer(const LayerShape& shape, const RowData& data, const RowArray& array, const RowPrices& prices,
            RowFlows* flows = nullptr);
  RowPricer(const RowPricer&) = delete;
  RowPricer& operator=(const RowPricer&) = delete;

  // Of a legal mapping.
  [[nodiscard]] RowCost price(const RowMapping& mapping, RowPace pace = RowPace::followed) const;

 private:
  const LayerShape& shape_;
  const RowData& data_;
  const RowArray& array_;
  const RowPrices& prices_;
  RowFlows own_flows_;
  RowFlows* flows_;
};

}  // namespace basil
