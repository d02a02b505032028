// Layers in child processes: one SystemC simulation a process.
#pragma once

#include "models/simulate.h"

namespace basil {

// As simulate(), with the layers dealt out to `jobs` children; results do not depend on how many, but for
// memory_at_a_time. `beside`: bytes that this process holds beside the trace. Throws Failure naming the
// layers of a child that crashed, Error or Failure as the first child (in order) met it.
[[nodiscard]] Result simulate_in_children(const Trace& trace, const Description& machine,
                                          const Options& options, int jobs, double beside = 0);

// The same in this process where jobs is 1, and as `basil run` reports it: at cycle fidelity with each
// layer's cycles at transaction fidelity beside the clocked ones. A waveform is planned by a run without one.
[[nodiscard]] Result run_trace(const Trace& trace, const Description& machine, const Options& options,
                               int jobs);

}  // namespace basil
