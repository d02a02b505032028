#include "memory/port.h"

#include "core/systemc/cycle_time.h"

namespace basil {

MemoryPort::MemoryPort(const sc_core::sc_module_name& name, StreamKind kind, Payloads payloads)
    : sc_module(name), socket("socket"), kind_(kind), payloads_(payloads) {}

Cycles MemoryPort::read(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations) {
  return transfer(tlm::TLM_READ_COMMAND, address, bytes, start, destinations);
}

Cycles MemoryPort::write(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations) {
  return transfer(tlm::TLM_WRITE_COMMAND, address, bytes, start, destinations);
}

// A target may wait, and another thread may ask in the meantime: what belongs to one transfer stays here.
Cycles MemoryPort::transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                            std::int64_t destinations) {
  network_late_ = Cycles(0);
  if (bytes.value == 0) return start;
  const Cycles called = now();
  sc_core::sc_time delay = until(called + start);
  Cycles late;
  transport(
      *socket.operator->(), {command, address, bytes}, payloads_, name(), delay,
      [&](Payload& payload) {
        payload.multicast.destinations = destinations;
        payload.tag.kind = kind_;
        payload.tag.bits_a_cycle = bits_a_cycle_;
      },
      [&](const Payload& payload) { late = payload.network_share.late; });
  moved_ += bytes;
  network_late_ = late;
  return cycle_after(delay) - called;
}

}  // namespace basil
