#include "memory/dram/energy.h"

namespace basil {

DramActivity& DramActivity::operator+=(const DramActivity& other) {
  activates += other.activates;
  precharges += other.precharges;
  reads += other.reads;
  writes += other.writes;
  refreshes += other.refreshes;
  row_hits += other.row_hits;
  conflicts += other.conflicts;
  forwarded += other.forwarded;
  active_clocks += other.active_clocks;
  precharged_clocks += other.precharged_clocks;
  return *this;
}

DramCommandEnergy command_energy(const DramDevice& device) {
  const DramTiming& t = device.timing;
  const auto clocks = [](std::int64_t n) { return static_cast<double>(n); };
  const double burst = clocks(device.organisation.burst_clocks());
  DramCommandEnergy each;
  for (const DramSupply& s : device.supplies) {
    // mA x V x ns = pJ
    const double scale = s.volts * clocks(t.tCK_ps) * 1e-3 * device.organisation.devices;
    each.activate +=
        Picojoules(scale * (s.IDD0 * clocks(t.tRC) - s.IDD3N * clocks(t.tRAS) - s.IDD2N * clocks(t.tRP)));
    each.read += Picojoules(scale * (s.IDD4R - s.IDD3N) * burst);
    each.write += Picojoules(scale * (s.IDD4W - s.IDD3N) * burst);
    each.refresh += Picojoules(scale * (s.IDD5 - s.IDD3N) * clocks(t.tRFC));
    each.active_clock += Picojoules(scale * s.IDD3N);
    each.precharged_clock += Picojoules(scale * s.IDD2N);
  }
  return each;
}

DramEnergy energy_of(const DramDevice& device, const DramActivity& activity) {
  const DramCommandEnergy each = command_energy(device);
  const auto times = [](std::int64_t n, Picojoules pj) { return static_cast<double>(n) * pj; };
  return {.activate = times(activity.activates, each.activate),
          .read = times(activity.reads, each.read),
          .write = times(activity.writes, each.write),
          .refresh = times(activity.refreshes, each.refresh),
          .active_standby = times(activity.active_clocks, each.active_clock),
          .precharged_standby = times(activity.precharged_clocks, each.precharged_clock)};
}

}  // namespace basil
