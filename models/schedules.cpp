#include "models/schedules.h"

#include <fnmatch.h>

#include <algorithm>

namespace basil {

std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine) {
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
  RowArray array = machine.row_array();
  for (const int slots : filter_slots(layer, machine))
    array.weight_slots = std::max(array.weight_slots, slots);
  for (const auto& [glob, given] : machine.mappings) {
    if (fnmatch(glob.c_str(), layer.name.c_str(), 0) != 0) continue;
    RowMapping mapping = given;
    if (mapping.taps_y == 0) mapping.taps_y = layer.shape.R;
    if (mapping.taps_x == 0) mapping.taps_x = layer.shape.S;
    check_mapping(layer.shape, array, mapping, where);
    return row_schedule(layer.shape, mapping);
  }
  return row_schedule(layer.shape, choose_mapping(layer.shape, array, where));
}

}  // namespace basil
