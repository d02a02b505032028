// How much memory layers take, from their shapes and operands.
#pragma once

#include "traces/trace.h"

namespace basil {

// Bytes that running a layer takes beside the trace, at most: operands decoded, the ifmap padded too, the
// sums of machine and golden executor.
[[nodiscard]] double bytes_to_run(const Layer& layer);

// Bytes of the trace's operands as they are held.
[[nodiscard]] double bytes_held(const Trace& trace);

}  // namespace basil
