// A block of a layer that is being run, taken through the machine's fast unit and through its clocked array.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/description/description.h"
#include "traces/trace.h"

namespace basil {

// Cuts a block of a few outputs and channels out of the layer, at a place that follows from the names of
// layer and machine, and runs it on both, a large array being made smaller: cycles, bins, uses, bytes and
// sums must be the same. Throws Failure naming the layer, the block and what differs. Returns the PE-cycles
// that were clocked; nothing where a store of the smaller array does not hold the block.
std::optional<std::int64_t> check_counts(const Layer& layer, const Description& machine);

// Which of a run's layers (indices of the trace's) are checked so: one that the unit takes in any case, and
// of the others as many as keep the time for it within a few hundredths of the run's. Drawn by names, thus
// always the same.
[[nodiscard]] std::vector<std::size_t> draw_count_checks(const Trace& trace,
                                                         const std::vector<std::size_t>& layers,
                                                         const Description& machine);

}  // namespace basil
