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

// Of all mappings that cut the layer evenly, those of the lowest closed costs are shortlisted, and the
// best of them is chosen by the flow of its passes, to 0.5 % (ties: the first found). Smaller arrays, halved
// again and again, add their shortlists: more rows or columns never cost more, but for that half percent.
// Nothing where no mapping fits the machine. `flows` as RowPricer has it.
[[nodiscard]] std::optional<RowChoice> best_mapping(const LayerShape& shape, const RowData& data,
                                                    const RowArray& array, const RowGoal& goal,
                                                    RowFlows* flows = nullptr);

// The best by closed costs alone: no flow is followed. For comparing layers or machines, not for running one.
[[nodiscard]] std::optional<RowChoice> closed_choice(const LayerShape& shape, const RowData& data,
                                                     const RowArray& array, const RowGoal& goal);

// Throws the Error of choose_mapping where no mapping fits.
void check_some_mapping(const LayerShape& shape, const RowArray& array, const std::string& where);

// The same as best_mapping, or an Error at `where` that says what the machine lacks (a buffer too small for
// one row).
[[nodiscard]] RowMapping choose_mapping(const LayerShape& shape, const RowData& data, const RowArray& array,
                                        const RowGoal& goal, const std::string& where,
                                        RowFlows* flows = nullptr);

}  // namespace basil
