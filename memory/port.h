// The initiator's end of a TLM-2.0 base-protocol connection, counted in cycles.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/buffer/bank_calendar.h"

namespace basil {

// How many PEs take what a transaction carries: an ignorable extension for multicast networks.
struct Multicast final : tlm::tlm_extension<Multicast> {
  std::int64_t destinations = 1;

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new Multicast(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const Multicast&>(other);
  }
};

// How much longer a network took than the memory behind it: an ignorable extension for whoever accounts for
// it.
struct NetworkShare final : tlm::tlm_extension<NetworkShare> {
  Cycles late;

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new NetworkShare(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const NetworkShare&>(other);
  }
};

// The packets of a transaction in a network that moves flits: an ignorable extension. With it such a network
// takes them without telling when they will have arrived, and the transaction takes the memory's time alone;
// whoever sent it watches them (memory/noc/interconnect.h).
struct Parcels final : tlm::tlm_extension<Parcels> {
  std::vector<std::uint64_t> numbers;

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new Parcels(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const Parcels&>(other);
  }
};

// Whose words a transaction carries and how fast: an ignorable extension for buffers with banks.
struct StreamTag final : tlm::tlm_extension<StreamTag> {
  StreamKind kind = StreamKind::dram;
  std::int64_t bits_a_cycle = 0;  // of the bus or link on the way; 0: as the target likes

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new StreamTag(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const StreamTag&>(other);
  }
};

// A module's port into the memory system. Transfers are timing: targets reserve their time and annotate the
// delay, never wait, and leave the data array alone (values travel with the passes' slices).
class MemoryPort : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<MemoryPort> socket;

  explicit MemoryPort(const sc_core::sc_module_name& name, StreamKind kind = StreamKind::dram);

  // Of the transfers to come, unless a bus on the way says otherwise.
  void set_pace(std::int64_t bits_a_cycle) { tag_.bits_a_cycle = bits_a_cycle; }

  // Moves `bytes` at `address`, asked for `start` cycles after now; returns when it is complete, in cycles
  // after now. Nothing to move takes no time. A target's error response is a Failure.
  Cycles read(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations = 1);
  Cycles write(std::uint64_t address, Bytes bytes, Cycles start, std::int64_t destinations = 1);
  // Asked for now; packets that carry it in a network of flits are left in `parcels`.
  Cycles ask(tlm::tlm_command command, std::uint64_t address, Bytes bytes, std::int64_t destinations,
             std::vector<std::uint64_t>& parcels);
  // Of the last transfer: cycles by which it ended later for a network on its way.
  [[nodiscard]] Cycles network_late() const { return network_share_.late; }
  // By all transfers so far.
  [[nodiscard]] Bytes moved() const { return moved_; }

 private:
  Cycles transfer(tlm::tlm_command command, std::uint64_t address, Bytes bytes, Cycles start,
                  std::int64_t destinations, Parcels* parcels = nullptr);

  Multicast multicast_;
  NetworkShare network_share_;
  StreamTag tag_;
  Bytes moved_;
  std::vector<unsigned char> data_;
};

}  // namespace basil
