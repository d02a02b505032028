#include "memory/noc/noc_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

NocEnds checked(NocEnds ends, int nodes) {
  const auto check_node = [&](NodeId node) {
    if (node >= nodes) throw Error("NoC", fmt::format("node {}", node), fmt::format("0 to {}", nodes - 1));
  };
  check_node(ends.memory);
  for (const auto& array : ends.arrays) {
    if (array.empty()) throw Error("NoC", "an array without a node", "one or more");
    for (const NodeId node : array) check_node(node);
  }
  const auto positive = [](const char* what, int value) {
    if (value < 1) throw Error("NoC", fmt::format("{} {}", value, what), "1 or more");
  };
  positive("bits a flit", ends.flit_bits);
  positive("flits a packet", ends.packet_flits);
  positive("PEs a node", ends.pes_a_node);
  return ends;
}

}  // namespace

NocTarget::NocTarget(const sc_core::sc_module_name& name, Interconnect& network, NocEnds ends)
    : sc_module(name),
      from_array("from_array"),
      to_memory("to_memory"),
      network_(network),
      ends_(checked(std::move(ends), network.topology().nodes())) {
  for (const std::vector<NodeId>& nodes : ends_.arrays)
    sources_.emplace_back(ends_.memory, nodes, ends_.pes_a_node, ends_.packet_flits);
  from_array.register_b_transport(this, &NocTarget::b_transport);
}

void NocTarget::quiesce() {
  for (PacketSource& source : sources_) source.restart();
}

void NocTarget::b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const auto array = static_cast<std::size_t>(initiator);
  if (array >= ends_.arrays.size()) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  const Multicast* multicast = nullptr;
  payload.get_extension(multicast);
  const Cycles start = cycle_after(delay);
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  Parcels* parcels = nullptr;
  payload.get_extension(parcels);
  // A stream whose packets are watched begins at address 0, and with the first node: all passes are alike.
  if (parcels != nullptr && payload.get_address() == 0) sources_[array].restart();
  const std::vector<Packet> packets =
      sources_[array].packets(payload.is_read(), ceil_div(bytes.value * 8, ends_.flit_bits),
                              multicast ? multicast->destinations : 1, start.value);
  Cycles carried = start;
  if (parcels != nullptr && network_.level() == Interconnect::Level::flit) {
    for (const Packet& packet : packets) parcels->numbers.push_back(network_.send(packet, now().value));
  } else {
    carried = Cycles(network_.carry(packets, start.value, now().value));
  }
  StreamTag* stream = nullptr;
  payload.get_extension(stream);
  if (stream) stream->bits_a_cycle = std::max(1, ends_.flit_bits / network_.parameters().link_cycles);
  to_memory->b_transport(payload, delay);  // which may wait
  const Cycles served = cycle_after(delay);
  NetworkShare* share = nullptr;
  payload.get_extension(share);
  if (share) share->late = std::max(Cycles(0), carried - served);
  delay = std::max(delay, until(carried));
}

}  // namespace basil
