// A row-stationary pass at cycle fidelity.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "dataflows/clocked_pass.h"
#include "dataflows/row_stationary/row_flow_shape.h"
#include "dataflows/row_stationary/row_mapping.h"
#include "pe/pass.h"
#include "traces/trace.h"

namespace basil {

// `slots`: those that a weight of each filter takes; empty for one each. `sums`: as they are before the pass.
// `ahead`: what came under the pass before. It draws its operands itself (row_drawing.h).
[[nodiscard]] std::unique_ptr<ClockedPass> clocked_rows(const Layer& layer, const RowArray& array,
                                                        std::span<const int> slots, const RowPass& pass,
                                                        const Ofmap& sums, const PassAhead& ahead);

[[nodiscard]] std::vector<ClockedSignal> clocked_row_signals();

}  // namespace basil
