// The memory that a run will take, foreseen before any of it is taken.
#pragma once

#include <vector>

#include "models/simulate.h"

namespace basil {

// Of one process that runs these layers, one after another. Program, trace, `beside` (bytes of what else is
// held: other traces, sums), and what the largest of the layers takes: its operands decoded, its sums, and
// what the machine's array holds of them.
[[nodiscard]] MemoryNeed memory_need(const Trace& trace, const Description& machine, Fidelity fidelity,
                                     const std::vector<std::size_t>& layers, double beside = 0);

// Of child processes, at least one, that run at the same time and share the trace and what stands beside it.
[[nodiscard]] MemoryNeed memory_at_a_time(const std::vector<MemoryNeed>& processes);

// Error unless they fit under the limit of memory together. `where`: what says how many they are.
void check_memory_of(const std::vector<MemoryNeed>& processes, const std::string& where);

}  // namespace basil
