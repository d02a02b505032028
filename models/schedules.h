// The schedule of a layer on a machine: its dataflow, its given mapping or a chosen one.
#pragma once

#include <memory>

#include "dataflows/schedule.h"
#include "models/description.h"
#include "models/mapper.h"
#include "traces/trace.h"

namespace basil {

// Error "layer NAME on MACHINE: ..." when the machine cannot run the layer, or a given mapping does not fit.
// `mapper`: the run's, which chooses where the dataflow leaves a choice.
[[nodiscard]] std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine,
                                                      Mapper& mapper);

}  // namespace basil
