// What arrays of multiplying PEs cost, whatever their dataflow.
#pragma once

#include "models/description/description.h"
#include "pe/activity.h"

namespace basil {

// Products, gated slots, the clock of PEs that wait, psums added.
[[nodiscard]] Charges multiplier_charges(const Description& machine, const Activity& activity);

// Slots that multiplied, and those that a zero froze.
void add_slots(const Products& products, CycleAccount& bins);

}  // namespace basil
