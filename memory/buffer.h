// An on-chip buffer: banks with one port each; a stream keeps a bank for as long as it lasts.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"

namespace basil {

struct BufferParameters {
  Bytes bytes{100 * 1024};
  int banks = 25;
  int port_bits = 64;  // moved by a bank in a cycle
};

struct BufferCounters {
  Bytes read, written;
  std::int64_t read_accesses = 0, write_accesses = 0;  // of port_bits each
};

// Any number of initiators. A transfer takes ceil(bytes * 8 / port_bits) cycles of one bank, the one free
// first (ties: the lowest); with more streams than banks they queue.
class Buffer : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Buffer> socket;

  Buffer(const sc_core::sc_module_name& name, const BufferParameters& parameters);

  [[nodiscard]] const BufferCounters& counters() const { return counters_; }
  [[nodiscard]] const BufferParameters& parameters() const { return parameters_; }
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  BufferParameters parameters_;
  BufferCounters counters_;
  std::vector<Cycles> bank_free_;  // absolute
};

}  // namespace basil
