// Why a machine cannot run a layer.
#pragma once

#include <optional>
#include <string>

#include "models/description/description.h"
#include "models/mapping/mapper.h"
#include "traces/trace.h"

namespace basil {

// What its unit does not take of the layer: encoding, widths, extents. Empty where it takes the layer.
[[nodiscard]] std::optional<std::string> unit_refusal(const Layer& layer, const Description& machine);

// The same of the machine: the store that is too small however the layer is cut, too.
[[nodiscard]] std::optional<std::string> refusal(const Layer& layer, const Description& machine,
                                                 Mapper& mapper);

}  // namespace basil
