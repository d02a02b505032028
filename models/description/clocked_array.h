// The clocked array that a machine's description asks for.
#pragma once

#include <memory>
#include <vector>

#include "core/clocked.h"
#include "dataflows/clocked_pass.h"
#include "dataflows/row_stationary/row_flow_shape.h"
#include "dataflows/schedule.h"
#include "models/description/description.h"

namespace basil {

// `sums`: as they are before the pass. `last`: nothing follows under which an output-stationary fold could
// shift its sums out. `ahead`: what of row stationary came under the pass before.
[[nodiscard]] std::unique_ptr<ClockedPass> clocked_pass(const Layer& layer, const Description& machine,
                                                        const Step& step, bool last, const Ofmap& sums,
                                                        const RowAhead& ahead = {});

[[nodiscard]] std::vector<ClockedSignal> clocked_signals(const Description& machine);

}  // namespace basil
