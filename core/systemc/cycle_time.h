// Core cycles and SystemC's time. The machine counts whole cycles; SystemC's clock shows real time, so that a
// model bound from outside may wait its nanoseconds.
#pragma once

#include <cstdint>
#include <systemc>

#include "core/units.h"

namespace basil {

// The core clock of this process' one elaboration, like the kernel's own time resolution; 1 GHz until said.
// Call before the simulation starts. Error for a rate that is not positive or has more than one cycle in a
// tick of the kernel's resolution.
void set_core_clock(std::int64_t khz);
[[nodiscard]] std::int64_t core_clock_khz();

// When an absolute cycle begins: n / rate, rounded once to the kernel's resolution, to the nearest. A period
// that is no multiple of it (600 MHz: 1666.67 ps) thus never drifts; so never add up to_time() of a few
// cycles, but use until().
[[nodiscard]] sc_core::sc_time to_time(Cycles cycle);
// The first cycle that begins at `time` or later: what comes between two edges is seen at the later one.
[[nodiscard]] Cycles to_cycles(const sc_core::sc_time& time);

[[nodiscard]] inline Cycles now() { return to_cycles(sc_core::sc_time_stamp()); }
// From now to the start of an absolute cycle, nothing if that is over: for a notification or an annotated
// delay.
[[nodiscard]] inline sc_core::sc_time until(Cycles cycle) {
  const sc_core::sc_time time = to_time(cycle);
  const sc_core::sc_time& stamp = sc_core::sc_time_stamp();
  return time > stamp ? time - stamp : sc_core::SC_ZERO_TIME;
}
// The absolute cycle that an annotated delay ends in.
[[nodiscard]] inline Cycles cycle_after(const sc_core::sc_time& delay) {
  return to_cycles(sc_core::sc_time_stamp() + delay);
}

}  // namespace basil
