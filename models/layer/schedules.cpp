#include "models/layer/schedules.h"

#include "dataflows/systolic/systolic.h"
#include "dataflows/tiles/tiles.h"

namespace basil {

std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine, Mapper& mapper) {
  const std::string where = where_of(layer, machine);
  switch (machine.dataflow) {
    case Dataflow::weight_stationary:
      return weight_stationary_schedule(layer.shape, machine.systolic_array(), where);
    case Dataflow::output_stationary:
      return output_stationary_schedule(layer.shape, machine.systolic_array(), where);
    case Dataflow::tiles:
      return tile_schedule(layer.shape, machine.tile_limits(layer), where);
    case Dataflow::row_stationary:
      break;
  }
  return row_schedule(layer.shape, mapper.mapping(layer));
}

std::optional<Error> lacking(const Layer& layer, const Description& machine, const Mapper& mapper) {
  const TileArray* tiles = machine.unit->array;
  if (tiles != nullptr && tiles->lacks != nullptr) {
    if (auto error = tiles->lacks(layer, machine.unit_parameters)) return error;
  }
  try {
    if (machine.dataflow == Dataflow::row_stationary) {
      mapper.check(layer);
    } else {
      Mapper none(machine);
      (void)make_schedule(layer, machine, none);
    }
  } catch (const Error& error) { return error; }
  return std::nullopt;
}

}  // namespace basil
