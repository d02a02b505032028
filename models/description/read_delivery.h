// Section `delivery` of a machine.
#pragma once

#include "core/yaml.h"
#include "models/description/dataflow_type.h"
#include "pe/delivery.h"

namespace basil {

// Error where it doubles a store that such an array does not have.
[[nodiscard]] OperandDelivery read_delivery(const DataflowType& dataflow, YamlReader reader);

}  // namespace basil
