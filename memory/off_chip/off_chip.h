// What the tiles of a chip need of the memory behind their DMAs, whichever model it is.
#pragma once

#include <cstdint>
#include <tlm>

#include "core/units.h"
#include "memory/port/bursts.h"

namespace basil {

// How a memory wants to be asked.
struct MemoryProtocol {
  enum class Call {
    reserves,   // b_transport from any process: reserves its time, annotates the delay, never waits
    waits,      // b_transport from a thread, in which it may wait
    four_phase  // nb_transport: BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP
  };
  Call call = Call::waits;
  // Payloads with data, of a cache line if nothing else is said.
  Payloads payloads = Payloads::of(Bytes(64));
  int outstanding = 8;           // payloads under way at once, of four_phase
  int stack_bytes = 256 * 1024;  // of each thread
};

class OffChip {
 public:
  virtual ~OffChip() = default;

  // Connects a port of the chip with it. The chip calls it once, unless the memory is one of its own.
  virtual void bind(tlm::tlm_initiator_socket<>& port) = 0;
  // First address of the index-th of four regions: weights, ifmaps, ofmaps, and one to spare.
  [[nodiscard]] virtual std::uint64_t region(int index) const = 0;
  // At the peak rate, for the bound that stands beside a result.
  [[nodiscard]] virtual Cycles transfer_time(Bytes bytes) const = 0;
  // Rows closed, nothing under way, counters zero: a layer starts.
  virtual void quiesce() = 0;
  [[nodiscard]] virtual MemoryProtocol protocol() const { return {}; }
};

}  // namespace basil
