// The initiator's end of a TLM-2.0 base-protocol connection, counted in cycles.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/port/bursts.h"
#include "memory/port/extensions.h"

namespace basil {

// A module's port into the memory system. A target of the chip's own reserves its time, annotates the delay
// and never waits; to such a one transfers go whole and without data (TimingOnly). A target from outside may
// wait, if read() and write() are called from a thread, and gets payloads with data of their own.
class MemoryPort : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<MemoryPort> socket;

  explicit MemoryPort(const sc_core::sc_module_name& name, StreamKind kind = StreamKind::dram,
                      Payloads payloads = Payloads::of(most_burst));

  // Of the transfers to come, unless a bus on the way says otherwise.
  void set_pace(std::int64_t bits_a_cycle) { bits_a_cycle_ = bits_a_cycle; }

  // Moves `bytes` at `address`, asked for `start` cycles after now; returns when it is complete, in cycles
  // after the call. Nothing to move takes no time. A target's error response is a Failure; what a target
  // throws passes through.
  Cycles read(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations = 1);
  Cycles write(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations = 1);
  // Asked for now; packets that carry it in a network of flits are left in `parcels`.
  Cycles ask(tlm::tlm_command command, std::uint64_t address, Bytes bytes, std::int64_t destinations,
             std::vector<std::uint64_t>& parcels);
  // Of the last transfer: cycles by which it ended later for a network on its way.
  [[nodiscard]] Cycles network_late() const { return network_late_; }
  // By all transfers so far.
  [[nodiscard]] Bytes moved() const { return moved_; }

 private:
  Cycles transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                  std::int64_t destinations, Parcels* parcels = nullptr);

  StreamKind kind_;
  Payloads payloads_;
  std::int64_t bits_a_cycle_ = 0;
  Cycles network_late_;
  Bytes moved_;
};

}  // namespace basil
