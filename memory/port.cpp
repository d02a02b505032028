#include "memory/port.h"

#include <string>

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

Cycles MemoryPort::transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                            std::int64_t destinations) {
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
  sc_core::sc_time delay = to_time(start);
  socket->b_transport(payload, delay);
  payload.clear_extension(&multicast_);
  payload.clear_extension(&network_share_);
  payload.clear_extension(&tag_);
  if (payload.is_response_error()) throw Failure(std::string(name()) + ": " + payload.get_response_string());
  return to_cycles(delay);
}

}  // namespace basil
