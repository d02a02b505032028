#include "models/mapping/stores_at_fault.h"

#include <fmt/format.h>

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

}  // namespace

std::string store_at_fault(const Layer& layer, const Description& machine, std::int64_t mapped_pes) {
  if (mapped_by(layer, machine) == 0) return {};
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

}  // namespace basil
