// The ways of a row-stationary array's operands: buses and buffer ports to the PEs, the link to DRAM.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/units.h"

namespace basil {

// A stream between a buffer and the array: the slower of its bus and its port ends it.
struct StreamPath {
  std::int64_t bus_bits = 64;  // moved in a beat: the bus' width, or a flit's
  int beat_cycles = 1;         // of a beat: more than 1 on slow links of routers
  int hops = 0;                // cycles until the first word is there, over routers
  int port_bits = 64;          // of a bank of the buffer, moved in a cycle
  int lanes = 1;               // banks that serve it at once

  [[nodiscard]] std::int64_t accesses(Bytes bytes) const { return ceil_div(bytes.value * 8, port_bits); }
  // Nothing to move takes no time.
  [[nodiscard]] Cycles time(Bytes bytes) const {
    if (bytes.value == 0) return Cycles(0);
    const std::int64_t beats = ceil_div(bytes.value * 8, bus_bits);
    return Cycles(std::max(beats * beat_cycles + hops, ceil_div(accesses(bytes), lanes)));
  }
};

// Off-chip memory as memory/off_chip/dram.h times it; each transfer is taken to open its first row.
struct OffChipPath {
  std::int64_t bits = 64;  // of the link, moved each link clock
  std::int64_t link_khz = 60'000, core_khz = 200'000;
  Cycles latency{16};  // from a request to its first data, the row miss with it

  [[nodiscard]] Cycles transfer_time(Bytes bytes) const {
    return Cycles(ceil_div(ceil_div(bytes.value * 8, bits) * core_khz, link_khz));
  }
  [[nodiscard]] double bytes_per_cycle() const {
    return static_cast<double>(bits) / 8 * static_cast<double>(link_khz) / static_cast<double>(core_khz);
  }
};

struct DataPaths {
  StreamPath filters, ifmap, psums_in, psums_out;
  bool psums_follow_ifmap = false;  // they leave the buffer by the same link, which the ifmap takes first
  OffChipPath dram;
};

}  // namespace basil
