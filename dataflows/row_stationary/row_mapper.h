// Which mapping of a layer costs least on a row-stationary array.
#pragma once

#include <optional>
#include <string>

#include "dataflows/row_stationary/row_price.h"

namespace basil {

// What the mapper looks for. Prices are needed for energy and edp alone.
struct RowGoal {
  RowObjective objective = RowObjective::cycles;
  RowPrices prices;
};

struct RowChoice {
  RowMapping mapping;
  RowCost cost;  // as RowPricer says
};

// The best of all mappings that cut the layer evenly, to 0.5 % (ties: the first found): what the layer, or a
// piece of one, costs at best. Nothing where none fits the machine. More rows, columns, ports or bandwidth
// never cost more, but for that half percent: every candidate stays one and none gets slower.
[[nodiscard]] std::optional<RowChoice> best_mapping(const LayerShape& shape, const RowData& data,
                                                    const RowArray& array, const RowGoal& goal);

// The same, or an Error at `where` that says what the machine lacks (a buffer too small for one row).
[[nodiscard]] RowMapping choose_mapping(const LayerShape& shape, const RowData& data, const RowArray& array,
                                        const RowGoal& goal, const std::string& where);

}  // namespace basil
