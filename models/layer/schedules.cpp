#include "models/layer/schedules.h"

namespace basil {

std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine, Mapper& mapper) {
  return machine.dataflow->schedule(layer, machine, mapper);
}

std::optional<Error> lacking(const Layer& layer, const Description& machine, const Mapper& mapper) {
  const TileArray* tiles = machine.unit->array;
  if (tiles != nullptr && tiles->lacks != nullptr) {
    if (auto error = tiles->lacks(layer, machine.unit_parameters)) return error;
  }
  try {
    if (machine.dataflow->maps) {
      mapper.check(layer);
    } else {
      Mapper none(machine);
      (void)make_schedule(layer, machine, none);
    }
  } catch (const Error& error) { return error; }
  return std::nullopt;
}

}  // namespace basil
