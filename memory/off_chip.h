// What the tiles of a chip need of the memory behind their DMAs, whichever model it is.
#pragma once

#include <cstdint>
#include <tlm>

#include "core/units.h"

namespace basil {

class OffChip {
 public:
  virtual ~OffChip() = default;

  // One of any number of initiators.
  virtual void bind(tlm::tlm_initiator_socket<>& port) = 0;
  // First address of the index-th of four regions: weights, ifmaps, ofmaps, and one to spare.
  [[nodiscard]] virtual std::uint64_t region(int index) const = 0;
  // At the peak rate.
  [[nodiscard]] virtual Cycles transfer_time(Bytes bytes) const = 0;
  // Rows closed, nothing under way, counters zero.
  virtual void quiesce() = 0;
};

}  // namespace basil
