// Between a chip and a memory from outside: whole transfers come in, payloads with data go out, by the
// protocol that the memory asks for.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <exception>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "memory/off_chip/off_chip.h"

namespace basil {

// Is called by b_transport, from as many threads as there are transfers under way. Each is cut into payloads:
//   reserves, waits  one after the other by b_transport, the next when the one before is complete;
//   four_phase       by nb_transport, as many at once as the memory takes, of all transfers together, first
//                    come, first served. No BEGIN_REQ follows another before its END_REQ; a BEGIN_RESP is
//                    answered at once. A transfer is complete with the last of its responses.
// An error response, or what the memory throws, ends the transfer as an exception of the call.
class BurstBridge : public sc_core::sc_module, private tlm::tlm_mm_interface {
 public:
  tlm_utils::passthrough_target_socket<BurstBridge> from_chip;
  tlm_utils::simple_initiator_socket<BurstBridge> to_memory;

  BurstBridge(const sc_core::sc_module_name& name, const MemoryProtocol& protocol);

 private:
  // What of a transfer was sent and is not answered.
  struct UnderWay {
    int payloads = 0;
    sc_core::sc_time last;  // response, absolute
    std::exception_ptr failure;
  };
  // A payload and its data; free again when the memory refers to it no more either.
  struct Slot {
    explicit Slot(tlm::tlm_mm_interface* keeper) : payload(keeper) {}
    tlm::tlm_generic_payload payload;
    std::vector<unsigned char> data;
    UnderWay* of = nullptr;  // until it is answered
    bool in_use = false;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void four_phase(Transfer transfer, sc_core::sc_time& delay);
  [[nodiscard]] Slot& slot_when_free();  // and the way to the memory with it
  void fill(Slot& slot, const Transfer& burst) const;
  void send(Slot& slot);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  [[nodiscard]] Slot& slot_of(const tlm::tlm_generic_payload& payload);
  void end_request(const Slot& slot, const sc_core::sc_time& at);
  void respond(Slot& slot, const sc_core::sc_time& at);
  void free(tlm::tlm_generic_payload* payload) override;

  MemoryProtocol protocol_;
  std::vector<std::unique_ptr<Slot>> slots_;
  const Slot* requesting_ = nullptr;  // BEGIN_REQ sent, END_REQ awaited
  sc_core::sc_time request_free_;     // when it came, or will have come
  sc_core::sc_event changed_;
};

}  // namespace basil
