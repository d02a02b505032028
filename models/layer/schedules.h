// The schedule a machine runs a layer by.
#pragma once

#include <memory>
#include <optional>

#include "core/error.h"
#include "dataflows/schedule.h"
#include "models/description/description.h"
#include "models/mapping/mapper.h"
#include "traces/trace.h"

namespace basil {

// Error "layer NAME on MACHINE: ..." when the machine cannot run the layer, or a given mapping does not fit.
// `mapper`: the run's, which chooses where the dataflow leaves a choice.
[[nodiscard]] std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine,
                                                      Mapper& mapper);

// The store that is too small for a layer of this shape and encoding, of the unit's or of those the dataflow
// uses. Operands' values do not matter.
[[nodiscard]] std::optional<Error> lacking(const Layer& layer, const Description& machine,
                                           const Mapper& mapper);

}  // namespace basil
