#include "memory/port.h"

#include <string>
#include <utility>

#include "core/error.h"
#include "core/systemc/cycle_time.h"

namespace basil {

MemoryPort::MemoryPort(const sc_core::sc_module_name& name, StreamKind kind)
    : sc_module(name), socket("socket") {
  tag_.kind = kind;
}

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

Cycles MemoryPort::transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                            std::int64_t destinations, Parcels* parcels) {
  network_share_.late = Cycles(0);
  if (bytes.value == 0) return start;
  moved_ += bytes;
  if (data_.size() < static_cast<std::size_t>(bytes.value))
    data_.resize(static_cast<std::size_t>(bytes.value));
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data_.data());
  payload.set_data_length(static_cast<unsigned>(bytes.value));
  payload.set_streaming_width(static_cast<unsigned>(bytes.value));
  multicast_.destinations = destinations;
  payload.set_extension(&multicast_);
  payload.set_extension(&network_share_);
  payload.set_extension(&tag_);
  if (parcels != nullptr) payload.set_extension(parcels);
  sc_core::sc_time delay = to_time(start);
  socket->b_transport(payload, delay);
  payload.clear_extension(&multicast_);
  payload.clear_extension(&network_share_);
  payload.clear_extension(&tag_);
  if (parcels != nullptr) payload.clear_extension(parcels);
  if (payload.is_response_error()) throw Failure(std::string(name()) + ": " + payload.get_response_string());
  return to_cycles(delay);
}

}  // namespace basil
