// How a machine joins its row-stationary array to its buffers.
#pragma once

#include "dataflows/row_stationary/row_links.h"
#include "models/description/description.h"

namespace basil {

// Packets of a stream that may be under way or wait at the PEs' nodes.
inline constexpr int row_window = 4;

// Ports and, if any, the routers between buffers and array, flit by flit.
[[nodiscard]] RowLinks row_links(const Description& machine);

}  // namespace basil
