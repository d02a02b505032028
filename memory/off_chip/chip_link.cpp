#include "memory/off_chip/chip_link.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"

namespace basil {

ChipLink::ChipLink(const sc_core::sc_module_name& name, const LinkParameters& parameters)
    : sc_module(name), from_chip("from_chip"), to_memory("to_memory"), parameters_(parameters) {
  from_chip.register_b_transport(this, &ChipLink::b_transport);
}

void ChipLink::quiesce() {
  link_.clear();
  read_ = written_ = Bytes(0);
}

Cycles ChipLink::transfer_time(Bytes bytes) const {
  const std::int64_t link_clocks = ceil_div(bytes.value * 8, parameters_.bits);
  return Cycles(ceil_div(link_clocks * parameters_.core_khz, parameters_.link_khz));
}

void ChipLink::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Bytes bytes(payload.get_data_length());
  (payload.is_read() ? read_ : written_) += bytes;
  link_.forget_before(now());
  const Cycles carried = link_.fill(cycle_after(delay), transfer_time(bytes));
  to_memory->b_transport(payload, delay);  // which may wait
  delay = std::max(delay, until(carried));
}

}  // namespace basil
