// The operands that a unit's PEs are wide enough for.
#pragma once

#include <string>

#include "pe/unit.h"

namespace basil {

// Throws Error "layer NAME: ifmap: int16 values, expected EXPECTED" unless words of the unit's dtype hold the
// ifmap's values: integers of no more bits, or reals where the dtype is fp32.
void check_ifmap_width(const Layer& layer, const UnitParameters& parameters, const std::string& expected);
// The same of the weights, as decoded, and of the ifmap.
void check_widths(const Layer& layer, const UnitParameters& parameters, const std::string& expected);

}  // namespace basil
