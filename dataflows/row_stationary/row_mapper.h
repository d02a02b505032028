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

// Of all mappings that cut the layer evenly, those are kept that score best in closed form on the array, on
// smaller ones, halved again and again, and on arrays with narrower buses. The likeliest of them are
// followed: by the flow of their fullest passes, each telling how far the closed form is off for those like
// it, and the best of these by the flow of all passes. The closed form misjudges some, so that twice the
// hardware is priced more than 1 % higher in some cases of a hundred (a property test counts them). Nothing
// where no mapping fits the machine. `flows` as RowPricer has it.
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
