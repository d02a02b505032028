// The DRAM as a TLM-2.0 target: b_transport by reservation, and the four-phase base protocol with any number
// of transactions outstanding.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <map>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/dram/memory.h"

namespace basil {

struct DramTraffic {
  Bytes read, written;  // as the initiators asked; bursts that they fill in part move more
};

// Any number of initiators, whose requests share each channel's queues. A transaction is cut into bursts,
// asked for one after the other at the peak rate, as a DMA does, so that those of several transactions come
// in turns.
//   b_transport   called from a thread, waits until every burst is served, and annotates the rest of the
//   data;
//                 called from elsewhere, all of the transaction is served at once in the model's own time,
//                 after what was reserved before, and its end annotated.
//   nb_transport  END_REQ when every burst is in a controller's queue; BEGIN_RESP when the last data are
//                 moved, one response at a time to each initiator.
// Core cycles are the nanoseconds of SystemC's clock (core/systemc/cycle_time.h); a time that falls between
// two clocks, either way, is rounded up. Data arrays are left alone. Answers with an error: an address beyond
// the device, byte enables, a streaming width below the length.
class DramTarget : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<DramTarget> socket;

  DramTarget(const sc_core::sc_module_name& name, const DramDevice& device, std::int64_t core_khz);

  [[nodiscard]] const DramDevice& device() const { return device_; }
  [[nodiscard]] const DramTraffic& traffic() const { return traffic_; }
  // At the peak rate of all channels.
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const;
  // What was done since the last quiesce() until `end`, an absolute cycle not before any answer given.
  [[nodiscard]] DramActivity activity(Cycles end);
  [[nodiscard]] DramMemory& memory() { return memory_; }  // its clocks count from the last quiesce()
  // The channels keep their logs from now on, beyond quiesce() too.
  void keep_log();
  // Sends every command that falls before the present cycle, and so makes the logs whole up to it; changes
  // nothing else.
  void catch_up();
  // When a clock is, in parts of a core cycle from time 0, so many to a cycle; rounded down.
  [[nodiscard]] std::int64_t time_of(std::int64_t clock, std::int64_t parts) const;
  // Rows closed, queues empty, refresh phase and counters zero. Failure while a transaction is outstanding.
  void quiesce();

 private:
  struct Transaction {
    tlm::tlm_generic_payload* payload = nullptr;  // none for b_transport
    bool awaited = false;                         // by a thread, which takes it away
    int initiator = 0;
    std::int64_t bursts_left = 0, bursts_outside = 0;  // not served; not in a queue
    std::int64_t done = 0;
  };
  // The phases of one initiator.
  struct Initiator {
    std::multimap<std::int64_t, tlm::tlm_generic_payload*> responses;  // by the clock of their last data
    bool response_out = false;                                         // BEGIN_RESP sent, END_RESP awaited
  };
  struct Arrival {
    tlm::tlm_generic_payload* payload;
    int initiator;
  };
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  // Advances the controllers to now, passes phases on and asks to be woken for the next thing to do.
  void work();
  void advance_to(std::int64_t clock);
  void take_arrivals(std::int64_t clock);
  void keep_accepted();
  void take_accepted();
  void end_requests();
  void send_responses(std::int64_t clock);
  void wake_for_next();

  [[nodiscard]] tlm::tlm_response_status refusal(const tlm::tlm_generic_payload& payload) const;
  std::int64_t enqueue(tlm::tlm_generic_payload& payload, int initiator, bool answered, std::int64_t clock);
  void take_completions();
  Initiator& initiator(int index);

  [[nodiscard]] std::int64_t clock_at(const sc_core::sc_time& time) const;
  [[nodiscard]] Cycles cycle_of(std::int64_t clock) const;  // absolute

  DramDevice device_;
  std::int64_t clocks_, cycles_;  // so many clocks take as long as so many cycles, in lowest terms
  DramMemory memory_;
  DramTraffic traffic_;
  Cycles origin_;  // of the memory's clocks
  bool logging_ = false;

  std::int64_t next_id_ = 0;
  std::map<std::int64_t, Transaction> transactions_;        // by the id of their bursts
  std::multimap<std::int64_t, Arrival> arrivals_;           // by clock
  std::vector<std::pair<std::int64_t, Arrival>> entering_;  // by id: END_REQ not yet sent
  std::vector<Initiator> initiators_;
  std::int64_t next_command_ = dram_never;
  sc_core::sc_event wake_, served_;
};

}  // namespace basil
