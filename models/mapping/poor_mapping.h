// A remark on a layer that leaves most of an array idle, with the reason.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/description/description.h"
#include "traces/trace.h"

namespace basil {

// A mapping is poor when even its fullest pass has work for less than this part of the PEs.
inline constexpr double poor_part = 0.25;

// "6 of 168 PEs at work: REASON", where that is so: `mapped_pes` are those of the fullest pass on one of the
// machine's arrays. The reason is the dataflow's.
[[nodiscard]] std::optional<std::string> poor_mapping(const Layer& layer, const Description& machine,
                                                      std::int64_t mapped_pes);

// What to say where the machine brings mappings and none of them names a layer that ran, so that it is no
// other than a machine without.
[[nodiscard]] std::optional<std::string> unused_mappings(const Trace& trace,
                                                         const std::vector<std::size_t>& layers,
                                                         const Description& machine);

}  // namespace basil
