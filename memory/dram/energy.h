// What a DRAM did, and the energy of it by the vendors' formulas.
#pragma once

#include <cstdint>

#include "core/units.h"
#include "memory/dram/device.h"

namespace basil {

struct DramActivity {
  std::int64_t activates = 0, precharges = 0, reads = 0, writes = 0, refreshes = 0;
  std::int64_t row_hits = 0;   // READs and WRITEs that found their row open
  std::int64_t conflicts = 0;  // rows closed because another row of the bank was asked for
  std::int64_t forwarded = 0;  // reads served from the write queue
  std::int64_t active_clocks = 0, precharged_clocks = 0;  // of ranks: some row open or a refresh, none

  DramActivity& operator+=(const DramActivity& other);
};

// Of one command for all devices of a rank, and of one clock of standby, above it not included:
//   activate  V (IDD0 tRC - IDD3N tRAS - IDD2N tRP) tCK, its precharge included
//   read      V (IDD4R - IDD3N) BL/2 tCK; write likewise
//   refresh   V (IDD5 - IDD3N) tRFC tCK
//   standby   V IDD3N tCK with a row open or in a refresh, V IDD2N tCK precharged
// summed over the supplies. Micron TN-40-07; DRAMPower (Chandrasekar et al.).
struct DramCommandEnergy {
  Picojoules activate, read, write, refresh, active_clock, precharged_clock;
};
[[nodiscard]] DramCommandEnergy command_energy(const DramDevice& device);

struct DramEnergy {
  Picojoules activate, read, write, refresh, active_standby, precharged_standby;
  [[nodiscard]] Picojoules total() const {
    return activate + read + write + refresh + active_standby + precharged_standby;
  }
};
[[nodiscard]] DramEnergy energy_of(const DramDevice& device, const DramActivity& activity);

}  // namespace basil
