#include "memory/buffer/buffer.h"

#include "core/systemc/cycle_time.h"
#include "memory/port/extensions.h"

namespace basil {

Buffer::Buffer(const sc_core::sc_module_name& name, const BufferParameters& parameters)
    : sc_module(name), socket("socket"), banks_(parameters) {
  socket.register_b_transport(this, &Buffer::b_transport);
}

void Buffer::quiesce() {
  banks_.quiesce();
  counters_ = {};
}

BufferCounters Buffer::counters() const {
  BufferCounters counters = counters_;
  counters.conflicts = banks_.conflicts();
  return counters;
}

void Buffer::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Bytes bytes(payload.get_data_length());
  if (payload.is_read()) {
    counters_.read += bytes;
    counters_.read_accesses += banks_.accesses(bytes);
  } else {
    counters_.written += bytes;
    counters_.write_accesses += banks_.accesses(bytes);
  }
  const StreamTag* tag = nullptr;
  payload.get_extension(tag);
  const Cycles complete = banks_.transfer({.address = payload.get_address(),
                                           .bytes = bytes,
                                           .start = cycle_after(delay),
                                           .bits_a_cycle = tag ? tag->bits_a_cycle : 0,
                                           .kind = tag ? tag->kind : StreamKind::dram,
                                           .write = payload.is_write()},
                                          now());
  delay = until(complete);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace basil
