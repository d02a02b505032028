// Section `delivery` of a machine.
#pragma once

#include "core/yaml.h"
#include "models/description/description.h"

namespace basil {

// Of absent keys: single, but for the shadow chain of an output-stationary array.
[[nodiscard]] OperandDelivery usual_delivery(Dataflow dataflow);

// Error where it doubles a store that such an array does not have.
[[nodiscard]] OperandDelivery read_delivery(Dataflow dataflow, YamlReader reader);

}  // namespace basil
