#include "models/schedules.h"

#include "dataflows/systolic.h"
#include "dataflows/tiles.h"

namespace basil {

std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine, Mapper& mapper) {
  const std::string where = "layer " + layer.name + " on " + machine.name +
                            (machine.fmap_buffer.doubled ? ", in half of a double buffer" : "");
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

}  // namespace basil
