// What the chip's own modules say to each other beside a TLM-2.0 payload. All are ignorable extensions.
#pragma once

#include <cstdint>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/bank_calendar.h"

namespace basil {

template <class Kind>
struct Extension : tlm::tlm_extension<Kind> {
  [[nodiscard]] tlm::tlm_extension_base* clone() const override {
    return new Kind(static_cast<const Kind&>(*this));
  }
  void copy_from(const tlm::tlm_extension_base& other) override {
    static_cast<Kind&>(*this) = static_cast<const Kind&>(other);
  }
};

// How many PEs take what a transaction carries, for multicast networks.
struct Multicast final : Extension<Multicast> {
  std::int64_t destinations = 1;
};

// How much longer a network took than the memory behind it, for whoever accounts for it.
struct NetworkShare final : Extension<NetworkShare> {
  Cycles late;
};

// The packets of a transaction in a network that moves flits. With it such a network takes them without
// telling when they will have arrived, and the transaction takes the memory's time alone; whoever sent it
// watches them (memory/noc/interconnect.h).
struct Parcels final : Extension<Parcels> {
  std::vector<std::uint64_t> numbers;
};

// Whose words a transaction carries and how fast, for buffers with banks.
struct StreamTag final : Extension<StreamTag> {
  StreamKind kind = StreamKind::dram;
  std::int64_t bits_a_cycle = 0;  // of the bus or link on the way; 0: as the target likes
};

// The transaction is asked for its time alone: values travel with the passes' slices. Without it the data
// array is valid and as long as the payload, its bytes are zero where a write has none to give.
struct TimingOnly final : Extension<TimingOnly> {};

}  // namespace basil
