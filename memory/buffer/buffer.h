// An on-chip buffer as a TLM-2.0 target: banks, ports, halves, and how they were used.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <systemc>
#include <tlm>

#include "core/units.h"
#include "memory/buffer/buffer_banks.h"

namespace basil {

struct BufferCounters {
  Bytes read, written;
  std::int64_t read_accesses = 0, write_accesses = 0;  // of port_bits each
  ConflictCycles conflicts{};                          // cycles streams of each kind waited for a bank
};

// Any number of initiators, served in the order of their calls (memory/buffer/buffer_banks.h). A transfer's
// kind and pace come with its StreamTag (memory/port/port.h); without one it is DRAM's, at the pace of a
// port.
class Buffer : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Buffer> socket;

  Buffer(const sc_core::sc_module_name& name, const BufferParameters& parameters);

  [[nodiscard]] BufferCounters counters() const;
  [[nodiscard]] const BufferParameters& parameters() const { return banks_.parameters(); }
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  BufferBanks banks_;
  BufferCounters counters_;  // but for the conflicts
};

}  // namespace basil
