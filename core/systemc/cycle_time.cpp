#include "core/systemc/cycle_time.h"

#include <fmt/format.h>

#include <cmath>

#include "core/error.h"

namespace basil {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct CoreClock {
  std::uint64_t hertz = 1'000'000'000;
  std::uint64_t ticks_a_second = 0;  // of the kernel; 0 until it is asked
  std::uint64_t period = 0;          // ticks, where whole
};

CoreClock& core_clock() {
  static CoreClock clock;
  if (clock.ticks_a_second == 0) {
    clock.ticks_a_second =
        static_cast<std::uint64_t>(std::llround(1.0 / sc_core::sc_get_time_resolution().to_seconds()));
    if (clock.ticks_a_second % clock.hertz == 0) clock.period = clock.ticks_a_second / clock.hertz;
  }
  return clock;
}

std::uint64_t ticks(const CoreClock& clock, std::uint64_t cycle) {
  if (clock.period != 0) return cycle * clock.period;
  return static_cast<std::uint64_t>((Wide{cycle} * clock.ticks_a_second + clock.hertz / 2) / clock.hertz);
}

}  // namespace

void set_core_clock(std::int64_t khz) {
  CoreClock& clock = core_clock();
  if (khz < 1 || static_cast<std::uint64_t>(khz) * 1000 > clock.ticks_a_second)
    throw Error("core clock", fmt::format("{} kHz", khz),
                fmt::format("1 to {} kHz, a tick of the kernel's resolution", clock.ticks_a_second / 1000));
  clock.hertz = static_cast<std::uint64_t>(khz) * 1000;
  clock.period = clock.ticks_a_second % clock.hertz == 0 ? clock.ticks_a_second / clock.hertz : 0;
}

std::int64_t core_clock_khz() { return static_cast<std::int64_t>(core_clock().hertz / 1000); }

sc_core::sc_time to_time(Cycles cycle) {
  return sc_core::sc_time::from_value(ticks(core_clock(), static_cast<std::uint64_t>(cycle.value)));
}

Cycles to_cycles(const sc_core::sc_time& time) {
  const CoreClock& clock = core_clock();
  const std::uint64_t at = time.value();
  if (clock.period != 0) return Cycles(static_cast<std::int64_t>((at + clock.period - 1) / clock.period));
  auto cycle = static_cast<std::uint64_t>(Wide{at} * clock.hertz / clock.ticks_a_second);
  while (ticks(clock, cycle) < at) ++cycle;
  return Cycles(static_cast<std::int64_t>(cycle));
}

}  // namespace basil
