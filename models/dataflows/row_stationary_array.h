// A machine's row-stationary array: its PEs draw their words through FIFOs as they go.
#pragma once

#include <memory>

#include "dataflows/array.h"
#include "models/description/description.h"
#include "models/mapping/mapper.h"

namespace basil {

// `mapper` knows the flows of passes behind buses, by which it chose; null: behind buffers that have whatever
// is asked for, without a network on the way.
[[nodiscard]] std::unique_ptr<Array> row_stationary_array(const Description& machine, Mapper* mapper);

}  // namespace basil
