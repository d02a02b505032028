#include "models/mapping/poor_mapping.h"

#include <fmt/format.h>
#include <fnmatch.h>

namespace basil {

std::optional<std::string> poor_mapping(const Layer& layer, const Description& machine,
                                        std::int64_t mapped_pes) {
  const std::int64_t pes = machine.pes();
  if (machine.dataflow->why_idle == nullptr ||
      static_cast<double>(mapped_pes) >= poor_part * static_cast<double>(pes))
    return std::nullopt;
  return fmt::format("{} of {} PEs at work: {}", mapped_pes, pes,
                     machine.dataflow->why_idle(layer, machine, mapped_pes));
}

std::optional<std::string> unused_mappings(const Trace& trace, const std::vector<std::size_t>& layers,
                                           const Description& machine) {
  if (machine.mappings.empty()) return std::nullopt;
  for (const std::size_t layer : layers) {
    for (const GivenMapping& given : machine.mappings) {
      if (fnmatch(given.layer.c_str(), trace.layers[layer].name.c_str(), 0) == 0) return std::nullopt;
    }
  }
  return "none of the mappings of " + machine.name + " names a layer of this trace: all are chosen";
}

}  // namespace basil
