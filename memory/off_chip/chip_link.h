// The pins of a chip: whatever lies behind them, they move so many bits a link clock.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>
#include <tlm>

#include "core/units.h"
#include "memory/calendar.h"
#include "memory/off_chip/dram.h"

namespace basil {

struct LinkParameters {
  std::int64_t bits = 64;  // moved each link clock
  std::int64_t link_khz = 60'000;
  std::int64_t core_khz = 200'000;
};

[[nodiscard]] inline LinkParameters pins_of(const DramParameters& dram) {
  return {.bits = dram.bits, .link_khz = dram.link_khz, .core_khz = dram.core_khz};
}

// Passes a transfer on and carries it itself: link and memory work at once, so the later of the two ends it.
// Transfers take the link in the order of the cycles they ask for (memory/calendar.h).
class ChipLink : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<ChipLink> from_chip;
  tlm_utils::simple_initiator_socket<ChipLink> to_memory;

  ChipLink(const sc_core::sc_module_name& name, const LinkParameters& parameters);

  [[nodiscard]] Cycles transfer_time(Bytes bytes) const;
  // Since the last quiesce().
  [[nodiscard]] Bytes read() const { return read_; }
  [[nodiscard]] Bytes written() const { return written_; }
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  LinkParameters parameters_;
  Calendar link_;
  Bytes read_, written_;
};

}  // namespace basil
