#include "memory/port/port.h"

#include <utility>

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

Cycles MemoryPort::ask(tlm::tlm_command command, std::uint64_t address, Bytes bytes,
                       std::int64_t destinations, std::vector<std::uint64_t>& parcels) {
  Parcels under_way;
  const Cycles complete = transfer(command, address, bytes, Cycles(0), destinations, &under_way);
  parcels = std::move(under_way.numbers);
  return complete;
}

// A target may wait, and another thread may ask in the meantime: what belongs to one transfer stays here.
Cycles MemoryPort::transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                            std::int64_t destinations, Parcels* parcels) {
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
        if (parcels != nullptr) payload.payload.set_extension(parcels);
      },
      [&](const Payload& payload) { late = payload.network_share.late; });
  moved_ += bytes;
  network_late_ = late;
  return cycle_after(delay) - called;
}

}  // namespace basil
