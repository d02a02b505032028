// An array of tiles by itself: what a pass takes of it, apart from what delivers operands and takes sums.
#pragma once

#include "models/description/description.h"
#include "pe/tile.h"
#include "traces/trace.h"

namespace basil {

// The whole of a layer without groups as one pass of the machine's unit. Failure where its sums are not those
// of the golden executor.
[[nodiscard]] TileWork array_pass(const Layer& layer, const Description& machine);

}  // namespace basil
