// A DRAM device and its controller: every number the memory model takes, checked once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/units.h"

namespace basil {

// All sizes are powers of two.
struct DramOrganisation {
  int channels = 1;
  int ranks = 1;        // of a channel
  int bank_groups = 1;  // of a rank
  int banks = 8;        // of a bank group
  int rows = 65536;     // of a bank
  int columns = 1024;   // of a row, each `width` bits a device
  int width = 16;       // data pins of a device
  int devices = 1;      // side by side in a rank
  int burst = 8;        // beats of a READ or WRITE; two beats a clock

  [[nodiscard]] int banks_a_rank() const { return bank_groups * banks; }
  [[nodiscard]] int burst_clocks() const { return burst / 2; }
  [[nodiscard]] Bytes burst_bytes() const { return Bytes(std::int64_t{width} * devices * burst / 8); }
  [[nodiscard]] Bytes row_bytes() const { return Bytes(std::int64_t{width} * devices * columns / 8); }
  [[nodiscard]] Bytes capacity() const {
    return row_bytes() * rows * banks_a_rank() * (std::int64_t{ranks} * channels);
  }
};

// In clocks (tCK), under JEDEC's names; _S between bank groups, _L within one.
struct DramTiming {
  std::int64_t tCK_ps = 830;
  std::int64_t CL = 17, CWL = 12;      // READ, WRITE to their data
  std::int64_t tDQSCK = 0, tDQSS = 0;  // LPDDR: the strobe's delay after CL and CWL
  std::int64_t tRCD = 17, tRP = 17, tRAS = 39, tRC = 56;
  std::int64_t tRPab = 17;  // after a precharge of all banks
  std::int64_t tPPD = 1;    // PRE to PRE of a rank
  std::int64_t tCCD_S = 4, tCCD_L = 6;
  std::int64_t tRRD_S = 7, tRRD_L = 8, tFAW = 36;
  std::int64_t tWR = 18, tWTR_S = 3, tWTR_L = 9, tRTP = 9;
  std::int64_t tRFC = 420, tREFI = 9360;  // all banks of a rank
  std::int64_t tRTW = 1;                  // idle clocks of the data bus from read to write data
  std::int64_t tRTRS = 1;                 // and between the data of two ranks

  [[nodiscard]] std::int64_t read_latency() const { return CL + tDQSCK; }
  [[nodiscard]] std::int64_t write_latency() const { return CWL + tDQSS; }
};

// Currents of one device on one supply, in mA, under JEDEC's names.
struct DramSupply {
  std::string name;  // "VDD"
  double volts = 1.2;
  double IDD0 = 0, IDD2N = 0, IDD3N = 0, IDD4R = 0, IDD4W = 0, IDD5 = 0;
};

enum class DramScheduler { fr_fcfs, fcfs };
enum class DramPage { open, closed };

struct DramPolicy {
  std::string mapping = "ro-ra-bg-ba-co-ch";  // highest address bits first; see AddressMap
  DramScheduler scheduler = DramScheduler::fr_fcfs;
  DramPage page = DramPage::open;
  int starvation_cap = 64;  // requests that may overtake the oldest one
  int read_queue = 32, write_queue = 32;
  // Writes are sent from `high` on, down to `low`. A batch of high - low costs two turns of the data bus, so
  // it is as long as the queue allows; what is left has its rows opened under the reads, so that the next
  // batch begins with banks to choose from.
  int write_high = 32, write_low = 8;
  bool refresh = true;
};

struct DramDevice {
  std::string name, summary, source;
  DramOrganisation organisation;
  DramTiming timing;
  std::vector<DramSupply> supplies;
  DramPolicy policy;

  // Bytes in 10^9 a second, all channels.
  [[nodiscard]] double peak_gigabytes_a_second() const {
    return static_cast<double>(organisation.burst_bytes().value * organisation.channels) /
           static_cast<double>(organisation.burst_clocks() * timing.tCK_ps) * 1e3;
  }
};

}  // namespace basil
