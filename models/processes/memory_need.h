// The memory that a run will take, foreseen before any of it is taken.
#pragma once

#include <vector>

#include "models/simulate.h"

namespace basil {

// Of one process that runs these layers, one after another. Program, trace, and what the largest of them
// takes beside: its operands decoded, its sums, and what the machine's array holds of them.
[[nodiscard]] MemoryNeed memory_need(const Trace& trace, const Description& machine, Fidelity fidelity,
                                     const std::vector<std::size_t>& layers);

// Error unless `processes`, which share the trace and run at the same time, fit under the limit of memory
// together. `where`: "--jobs 4".
void check_memory_of(const std::vector<MemoryNeed>& processes, const std::string& where);

}  // namespace basil
