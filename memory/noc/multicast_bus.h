// Eyeriss' X/Y bus: a Y bus feeds one X bus a row of PEs; tags let any set of PEs take a word at once.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <systemc>
#include <tlm>

#include "core/units.h"
#include "memory/calendar.h"
#include "memory/port/port.h"

namespace basil {

struct BusParameters {
  int bits = 64;  // moved in a cycle
  int cols = 14;  // PEs on an X bus
};

struct BusCounters {
  std::int64_t beats = 0;      // cycles the bus was busy
  std::int64_t beat_rows = 0;  // beats x X buses switched by them: what wire energy depends on
  Bytes bytes;
};

// Forwards a transfer to the buffer behind it and carries it in beats of `bits`. Bus and buffer work
// at once, so the later of the two ends it; beats are given in the order of the cycles asked for. A multicast
// costs no more beats than a unicast.
class MulticastBus : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<MulticastBus> from_array;
  tlm_utils::simple_initiator_socket<MulticastBus> to_buffer;

  MulticastBus(const sc_core::sc_module_name& name, const BusParameters& parameters);

  [[nodiscard]] const BusCounters& counters() const { return counters_; }
  void quiesce();

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  BusParameters parameters_;
  BusCounters counters_;
  Calendar bus_;
};

}  // namespace basil
