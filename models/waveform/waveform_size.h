// How large the waveform of a run will be, from a run without one.
#pragma once

#include "models/description/description.h"
#include "models/result/result.h"
#include "models/waveform/waveform_options.h"

namespace basil {

// Bytes of the .vcd, within a factor of two. `rehearsal`: the same layers at transaction fidelity.
[[nodiscard]] double waveform_bytes(const Result& rehearsal, const Description& machine, Fidelity fidelity,
                                    const WaveformOptions& options);

// Spaces the samples so that the run, or its window, has about a thousand. Error for a file that nobody could
// open, unless it is forced.
void plan_waveform(WaveformOptions& options, const Result& rehearsal, const Description& machine,
                   Fidelity fidelity);

}  // namespace basil
