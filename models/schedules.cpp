#include "models/schedules.h"

#include <fnmatch.h>

#include <algorithm>

namespace basil {
namespace {

std::string where(const Layer& layer, const Description& machine) {
  return "layer " + layer.name + " on " + machine.name +
         (machine.fmap_buffer.doubled ? ", in half of a double buffer" : "");
}

RowArray row_array(const Layer& layer, const Description& machine) {
  RowArray array = machine.row_array();
  for (const int slots : filter_slots(layer, machine))
    array.weight_slots = std::max(array.weight_slots, slots);
  return array;
}

const RowMapping* given_mapping(const Layer& layer, const Description& machine) {
  for (const auto& [glob, mapping] : machine.mappings) {
    if (fnmatch(glob.c_str(), layer.name.c_str(), 0) == 0) return &mapping;
  }
  return nullptr;
}

RowMapping mapping_of(const Layer& layer, const Description& machine, Mappings* known) {
  const RowArray array = row_array(layer, machine);
  if (const RowMapping* given = given_mapping(layer, machine)) {
    RowMapping mapping = *given;
    if (mapping.taps_y == 0) mapping.taps_y = layer.shape.R;
    if (mapping.taps_x == 0) mapping.taps_x = layer.shape.S;
    check_mapping(layer.shape, array, mapping, where(layer, machine));
    return mapping;
  }
  if (known == nullptr) return choose_mapping(layer.shape, array, where(layer, machine));
  auto found = std::find_if(known->begin(), known->end(),
                            [&](const auto& mapping) { return mapping.first == layer.shape; });
  if (found == known->end()) {
    found =
        known->insert(known->end(), {layer.shape, choose_mapping(layer.shape, array, where(layer, machine))});
  }
  return found->second;
}

}  // namespace

std::unique_ptr<Schedule> make_schedule(const Layer& layer, const Description& machine, Mappings* known) {
  switch (machine.dataflow) {
    case Dataflow::weight_stationary:
      return weight_stationary_schedule(layer.shape, machine.systolic_array(), where(layer, machine));
    case Dataflow::output_stationary:
      return output_stationary_schedule(layer.shape, machine.systolic_array(), where(layer, machine));
    case Dataflow::tiles:
      return tile_schedule(layer.shape, machine.tile_limits(layer), where(layer, machine));
    case Dataflow::row_stationary:
      break;
  }
  return row_schedule(layer.shape, mapping_of(layer, machine, known));
}

std::optional<Error> lacking(const Layer& layer, const Description& machine, Mappings* known) {
  const TileArray* tiles = machine.unit->array;
  if (tiles != nullptr && tiles->lacks != nullptr) {
    if (auto error = tiles->lacks(layer, machine.unit_parameters)) return error;
  }
  try {
    (void)make_schedule(layer, machine, known);
  } catch (const Error& error) { return error; }
  return std::nullopt;
}

bool mapping_given(const Layer& layer, const Description& machine) {
  return given_mapping(layer, machine) != nullptr;
}

double expected_cycles(const Layer& layer, const Description& machine, Mappings* known) {
  return estimated_cycles(layer.shape, row_array(layer, machine), mapping_of(layer, machine, known));
}

}  // namespace basil
