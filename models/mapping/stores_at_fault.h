// Which store of a row-stationary machine leaves its PEs without work.
#pragma once

#include <cstdint>
#include <string>

#include "models/description/description.h"
#include "traces/trace.h"

namespace basil {

// Found by trial: of the fmap buffer and the spads the one which when larger would put most PEs to work, at
// least twice those that have some: "a PE's psum spad holds 16 words". Empty where none alone does.
[[nodiscard]] std::string store_at_fault(const Layer& layer, const Description& machine,
                                         std::int64_t mapped_pes);

}  // namespace basil
