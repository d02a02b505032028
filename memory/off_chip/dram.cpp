#include "memory/off_chip/dram.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"

namespace basil {

Dram::Dram(const sc_core::sc_module_name& name, const DramParameters& parameters)
    : sc_module(name),
      socket("socket"),
      parameters_(parameters),
      open_row_(static_cast<std::size_t>(parameters.banks), -1) {
  socket.register_b_transport(this, &Dram::b_transport);
}

void Dram::quiesce() {
  std::fill(open_row_.begin(), open_row_.end(), -1);
  link_.clear();
  counters_ = {};
}

Cycles Dram::transfer_time(Bytes bytes) const {
  const std::int64_t link_clocks = ceil_div(bytes.value * 8, parameters_.bits);
  return Cycles(ceil_div(link_clocks * parameters_.core_khz, parameters_.link_khz));
}

Cycles Dram::open_rows(std::uint64_t first_byte, std::uint64_t last_byte) {
  const auto row_bytes = static_cast<std::uint64_t>(parameters_.row.value);
  std::int64_t misses = 0;
  bool first_missed = false;
  for (std::uint64_t row = first_byte / row_bytes; row <= last_byte / row_bytes; ++row) {
    std::int64_t& open = open_row_[row % open_row_.size()];
    if (open == static_cast<std::int64_t>(row)) continue;
    open = static_cast<std::int64_t>(row);
    ++misses;
    if (row == first_byte / row_bytes) first_missed = true;
  }
  counters_.activations += misses;
  if (parameters_.banks == 1) return misses * parameters_.row_miss;
  return first_missed ? parameters_.row_miss : Cycles(0);
}

void Dram::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Bytes bytes(payload.get_data_length());
  if (bytes.value == 0 || payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  const Cycles asked = cycle_after(delay);
  const Cycles opening =
      open_rows(payload.get_address(), payload.get_address() + static_cast<std::uint64_t>(bytes.value) - 1);
  const Cycles on_link = transfer_time(bytes);
  link_.forget_before(now());
  const Cycles done = link_.fill(asked + opening + parameters_.latency, on_link);
  counters_.busy += on_link;
  (payload.is_read() ? counters_.read : counters_.written) += bytes;
  delay = until(done);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace basil
