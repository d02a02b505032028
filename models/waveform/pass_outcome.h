// What a pass took, as the array tells whoever shows or accounts it.
#pragma once

#include "core/cycle_account.h"
#include "core/units.h"
#include "dataflows/array.h"
#include "pe/activity.h"

namespace basil {

// A pass on the array.
struct PassOutcome {
  Cycles cycles;
  Cycles filter_load;  // its first part: weights into the PEs
  Cycles drained;      // when its sums are out of the array, which may be after its end
  CycleAccount bins;   // of all the array's PEs
  Activity activity;
  Bytes fmap_traffic;      // ifmap words and psums between buffer and array
  Cycles ifmap_bus_until;  // when the ifmap bus is free for the next pass, after this one's start
};

}  // namespace basil
