#include "memory/noc/multicast_bus.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"

namespace basil {

MulticastBus::MulticastBus(const sc_core::sc_module_name& name, const BusParameters& parameters)
    : sc_module(name), from_array("from_array"), to_buffer("to_buffer"), parameters_(parameters) {
  from_array.register_b_transport(this, &MulticastBus::b_transport);
}

void MulticastBus::quiesce() {
  bus_.clear();
  counters_ = {};
}

void MulticastBus::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::int64_t beats = ceil_div(std::int64_t{payload.get_data_length()} * 8, parameters_.bits);
  bus_.forget_before(now());
  const Cycles carried = bus_.fill(cycle_after(delay), Cycles(beats));

  const Multicast* multicast = nullptr;
  payload.get_extension(multicast);
  const std::int64_t rows =
      multicast ? ceil_div(std::max<std::int64_t>(1, multicast->destinations), parameters_.cols) : 1;
  counters_.beats += beats;
  counters_.beat_rows += beats * rows;
  counters_.bytes += Bytes(payload.get_data_length());

  StreamTag* stream = nullptr;
  payload.get_extension(stream);
  if (stream) stream->bits_a_cycle = parameters_.bits;
  to_buffer->b_transport(payload, delay);
  delay = std::max(delay, until(carried));
}

}  // namespace basil
