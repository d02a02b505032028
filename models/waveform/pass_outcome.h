// What a pass took, as the array tells whoever shows or accounts it.
#pragma once

#include "core/cycle_account.h"
#include "core/units.h"
#include "pe/activity.h"

namespace basil {

// A pass on the array.
struct PassOutcome {
  Cycles cycles;
  Cycles filter_load;  // its first part: weights into the PEs
  Cycles drained;      // when its sums are out of the array, which may be after its end
  CycleAccount bins;   // of all the array's PEs
  Activity activity;
  Bytes fmap_traffic;  // ifmap words and psums between buffer and array
  // Bus intervals, in cycles after the pass's start, for the waveform and the timeline.
  // The filter bus is busy from the start, the others from `streams_from`.
  Cycles streams_from;
  Cycles filter_bus_until, ifmap_bus_until, psum_in_until, psum_out_until;
};

}  // namespace basil
