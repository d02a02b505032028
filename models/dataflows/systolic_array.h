// A machine's systolic grid: what both of its dataflows share.
#pragma once

#include <memory>

#include "dataflows/array.h"
#include "dataflows/systolic/systolic.h"
#include "models/description/description.h"

namespace basil::systolic {

enum class Stays { weights, sums };

// What the schedules must know of a machine.
[[nodiscard]] SystolicArray array_of(const Description& machine);
[[nodiscard]] std::unique_ptr<Array> make(const Description& machine, Stays stays);
[[nodiscard]] std::vector<ClockedSignal> signals(const Description& machine);

[[nodiscard]] std::vector<Part> parts(const Description& machine);
[[nodiscard]] Charges charges(const Description& machine, const Activity& activity);

// One fold of what the grid holds; with weights that stay another one, to which psums come back.
[[nodiscard]] std::vector<Step> block_passes(const LayerShape& shape, const Description& machine,
                                             Stays stays);
// `of`: "products of a sum" or pixels, which with the filters fill the grid.
[[nodiscard]] std::string why_idle(const LayerShape& shape, std::int64_t count, const char* of);
[[nodiscard]] double waveform_bytes(const Description& machine, double at_work);

}  // namespace basil::systolic
