// The schedule of a layer on a machine: its dataflow, its given mapping or a chosen one.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "dataflows/schedule.h"
#include "models/description.h"
#include "traces/trace.h"

namespace basil {

// Mappings already chosen, by shape, for layers that differ in nothing else.
using Mappings = std::vector<std::pair<LayerShape, RowMapping>>;

// Error "layer NAME on MACHINE: ..." when the machine cannot run the layer, or a given mapping does not fit.
[[nodiscard]] std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine,
                                                      Mappings* known = nullptr);

// The store that is too small for a layer of this shape and encoding, of the unit's or of those the dataflow
// uses. Operands' values do not matter.
[[nodiscard]] std::optional<Error> lacking(const Layer& layer, const Description& machine,
                                           Mappings* known = nullptr);

// The machine's description has a mapping for a layer of that name.
[[nodiscard]] bool mapping_given(const Layer& layer, const Description& machine);

// What the mapper expects of the layer on a row-stationary array.
[[nodiscard]] double expected_cycles(const Layer& layer, const Description& machine,
                                     Mappings* known = nullptr);

}  // namespace basil
