// What the selftests of sparse accelerators share: networks at given densities, run for their processing
// cycles.
#pragma once

#include <string>
#include <vector>

#include "models/result/result.h"
#include "testbenches/selftests/figures.h"
#include "traces/synth/synth.h"

namespace basil {

// A list of traces/shapes, or those of its layers whose names begin with one of `beginnings`.
[[nodiscard]] SynthList embedded_layers(const std::string& name,
                                        const std::vector<std::string>& beginnings = {});

// A fully connected layer as a list of its own.
[[nodiscard]] SynthList fully_connected(int channels, int filters, const SynthDensity& density);

// The layers, drawn and run on an embedded accelerator; `overrides` as in load_accelerator().
[[nodiscard]] Result run_layers(const SynthList& list, const SynthOptions& options,
                                const std::string& accelerator,
                                const std::vector<std::string>& overrides = {});

// A line for each layer: cycles on the two, the ratio, and where the PE-cycles of the first went.
void show_layers(Figures& figures, const std::string& network, const Result& ours, const Result& other);

}  // namespace basil
