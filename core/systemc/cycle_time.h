// The simulated clock: one core cycle is one nanosecond of SystemC time, whatever the real period, so
// that a waveform's time axis reads in cycles and no period is ever rounded.
#pragma once

#include <systemc>

#include "core/units.h"

namespace basil {

[[nodiscard]] inline sc_core::sc_time to_time(Cycles cycles) {
  return {static_cast<double>(cycles.value), sc_core::SC_NS};  // exact below 2^53
}

[[nodiscard]] inline Cycles to_cycles(const sc_core::sc_time& time) {
  static const std::uint64_t ticks_a_cycle = sc_core::sc_time(1, sc_core::SC_NS).value();
  return Cycles(static_cast<std::int64_t>(time.value() / ticks_a_cycle));
}

[[nodiscard]] inline Cycles now() { return to_cycles(sc_core::sc_time_stamp()); }

}  // namespace basil
