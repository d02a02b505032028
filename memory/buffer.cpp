#include "memory/buffer.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"

namespace basil {

Buffer::Buffer(const sc_core::sc_module_name& name, const BufferParameters& parameters)
    : sc_module(name),
      socket("socket"),
      parameters_(parameters),
      bank_free_(static_cast<std::size_t>(parameters.banks)) {
  socket.register_b_transport(this, &Buffer::b_transport);
}

void Buffer::quiesce() {
  std::fill(bank_free_.begin(), bank_free_.end(), now());
  counters_ = {};
}

void Buffer::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Bytes bytes(payload.get_data_length());
  const std::int64_t accesses = ceil_div(bytes.value * 8, parameters_.port_bits);
  const Cycles asked = now() + to_cycles(delay);
  Cycles& bank = *std::min_element(bank_free_.begin(), bank_free_.end());
  bank = std::max(bank, asked) + Cycles(accesses);
  if (payload.is_read()) {
    counters_.read += bytes;
    counters_.read_accesses += accesses;
  } else {
    counters_.written += bytes;
    counters_.write_accesses += accesses;
  }
  delay = to_time(bank - now());
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace basil
