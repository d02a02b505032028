#include "models/mapping/poor_mapping.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <array>

#include "dataflows/row_stationary/row_mapper.h"
#include "models/mapping/mapper.h"

namespace basil {
namespace {

constexpr int larger = 16;  // how many times, for a trial

// As far as closed costs tell; 0 where the layer must be cut.
std::int64_t mapped_by(const Layer& layer, const Description& machine) {
  const RowData data = row_data(layer, machine);
  const auto choice = closed_choice(layer.shape, data, row_array(machine, data.slots), {});
  if (!choice) return 0;
  const auto step = row_schedule(layer.shape, choice->mapping)->next();
  return step ? step->active_pes : 0;
}

// The store that holds most PEs back, if one alone does.
std::string store_at_fault(const Layer& layer, const Description& machine, std::int64_t mapped_pes) {
  struct Trial {
    std::string store;
    Description machine;
  };
  std::array<Trial, 4> trials{
      Trial{fmt::format("the fmap buffer's {} bytes hold too few rows of {} words",
                        machine.fmap_buffer.bytes.value, layer.shape.W),
            machine},
      {fmt::format("a PE's filter spad holds {} words", machine.pe.filter_spad), machine},
      {fmt::format("a PE's ifmap spad holds {} words", machine.pe.ifmap_spad), machine},
      {fmt::format("a PE's psum spad holds {} words", machine.pe.psum_spad), machine}};
  trials[0].machine.fmap_buffer.bytes = larger * machine.fmap_buffer.bytes;
  trials[1].machine.pe.filter_spad *= larger;
  trials[2].machine.pe.ifmap_spad *= larger;
  trials[3].machine.pe.psum_spad *= larger;
  std::int64_t most = 2 * mapped_pes - 1;
  std::string at_fault;
  for (const Trial& trial : trials) {
    const std::int64_t mapped = mapped_by(layer, trial.machine);
    if (mapped <= most) continue;
    most = mapped;
    at_fault = trial.store;
  }
  return at_fault;
}

std::string shape_at_fault(const LayerShape& s, const Description& machine) {
  if (machine.dataflow == Dataflow::row_stationary) {
    return fmt::format(
        "{} ofmap row{}, {} filter row{}, {} channel{} and {} filter{} make no more sets of PEs", s.P(),
        s.P() == 1 ? "" : "s", s.R, s.R == 1 ? "" : "s", s.channels_per_group(),
        s.channels_per_group() == 1 ? "" : "s", s.filters_per_group(), s.filters_per_group() == 1 ? "" : "s");
  }
  return fmt::format(
      "a group's {} filters by {} {} do not fill the grid", s.filters_per_group(),
      machine.dataflow == Dataflow::weight_stationary ? s.reduction() : std::int64_t{s.N} * s.P() * s.Q(),
      machine.dataflow == Dataflow::weight_stationary ? "products of a sum" : "pixels");
}

}  // namespace

std::optional<std::string> poor_mapping(const Layer& layer, const Description& machine,
                                        std::int64_t mapped_pes) {
  const std::int64_t pes = machine.pes();
  if (machine.dataflow == Dataflow::tiles ||
      static_cast<double>(mapped_pes) >= poor_part * static_cast<double>(pes))
    return std::nullopt;
  std::string reason;
  const bool rows = machine.dataflow == Dataflow::row_stationary;
  if (rows && mapped_by(layer, machine) > 0) reason = store_at_fault(layer, machine, mapped_pes);
  if (reason.empty()) reason = shape_at_fault(layer.shape, machine);
  return fmt::format("{} of {} PEs at work: {}", mapped_pes, pes, reason);
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
