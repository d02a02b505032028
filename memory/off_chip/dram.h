// Off-chip memory by bandwidth: a link, a latency, banks with one open row each. For commands, refresh and a
// device's own currents see memory/dram/.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/calendar.h"

namespace basil {

// In core cycles, so that two clocks need no conversion at run time.
struct DramParameters {
  std::int64_t bits = 64;  // of the link, moved each link clock
  std::int64_t link_khz = 60'000;
  std::int64_t core_khz = 200'000;
  Cycles latency{10};  // from a request to its first data, row open
  Cycles row_miss{6};  // precharge and activate, before that
  Bytes row{2048};
  int banks = 8;  // rows interleave over them
};

struct DramCounters {
  Bytes read, written;
  std::int64_t activations = 0;
  Cycles busy;
};

// A transfer occupies the link for bytes * 8 / bits link clocks, rounded up to core cycles. It pays the
// latency and, if its first row is not open, the row miss, then has the link's first free cycles, whenever
// others asked for theirs (memory/calendar.h); later rows of a stream lie in other banks and are opened under
// the transfer (with one bank they are not, and each costs a miss). Latency overlaps an earlier transfer
// still on the link. Which rows are open is by the order of the calls.
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> socket;  // any number of initiators

  Dram(const sc_core::sc_module_name& name, const DramParameters& parameters);

  [[nodiscard]] const DramCounters& counters() const { return counters_; }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const;
  // A layer starts with rows closed, the link free and counters at zero.
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  // Opens the rows a transfer touches; returns the cycles they cost it.
  Cycles open_rows(std::uint64_t first_byte, std::uint64_t last_byte);

  DramParameters parameters_;
  DramCounters counters_;
  std::vector<std::int64_t> open_row_;  // by bank, -1 closed
  Calendar link_;
};

}  // namespace basil
