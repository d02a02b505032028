// A pass at cycle fidelity on the array that a unit brings.
#pragma once

#include <memory>
#include <vector>

#include "core/clocked.h"
#include "dataflows/clocked_pass.h"
#include "pe/pass.h"
#include "pe/unit.h"
#include "traces/trace.h"

namespace basil {

[[nodiscard]] std::unique_ptr<ClockedPass> clocked_tile(const Layer& layer, const UnitType& unit,
                                                        const UnitParameters& parameters,
                                                        const TilePass& pass);

// In a scope of their own beside the array's.
[[nodiscard]] std::vector<ClockedSignal> clocked_tile_signals(const UnitType& unit,
                                                              const UnitParameters& parameters);

}  // namespace basil
