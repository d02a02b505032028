// A pass at cycle fidelity on the array that a unit brings.
#pragma once

#include <memory>

#include "models/cycle/clocked_pass.h"

namespace basil {

[[nodiscard]] std::unique_ptr<ClockedPass> clocked_tile(const Layer& layer, const Description& machine,
                                                        const TilePass& pass);

}  // namespace basil
