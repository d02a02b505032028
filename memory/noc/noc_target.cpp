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
      ends_(checked(std::move(ends), network.topology().nodes())),
      turn_(ends_.arrays.size(), 0) {
  from_array.register_b_transport(this, &NocTarget::b_transport);
}

void NocTarget::quiesce() { std::fill(turn_.begin(), turn_.end(), 0); }

// Without destinations when it stays on the memory's node.
Packet NocTarget::next_packet(std::size_t array, bool read, std::int64_t takers) {
  const std::vector<NodeId>& nodes = ends_.arrays[array];
  std::size_t& turn = turn_[array];
  Packet packet{ends_.memory, {}, 0, 0};
  const auto many = static_cast<std::size_t>(std::min<std::int64_t>(takers, std::ssize(nodes)));
  for (std::size_t i = 0; i < many; ++i) {
    const NodeId node = nodes[turn];
    turn = turn + 1 == nodes.size() ? 0 : turn + 1;
    if (node != ends_.memory) packet.destinations.push_back(node);
  }
  if (!read && !packet.destinations.empty()) std::swap(packet.source, packet.destinations[0]);
  return packet;
}

std::vector<Packet> NocTarget::packets_for(std::size_t array, bool read, Bytes bytes,
                                           std::int64_t destinations, Cycles start) {
  const std::int64_t takers = read ? ceil_div(std::max<std::int64_t>(1, destinations), ends_.pes_a_node) : 1;
  std::vector<Packet> packets;
  std::int64_t flits = ceil_div(bytes.value * 8, ends_.flit_bits);
  for (; flits > 0; flits -= ends_.packet_flits) {
    Packet packet = next_packet(array, read, takers);
    if (packet.destinations.empty()) continue;
    packet.flits = static_cast<int>(std::min<std::int64_t>(flits, ends_.packet_flits));
    packet.born = start.value;
    packets.push_back(std::move(packet));
  }
  return packets;
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
  const std::vector<Packet> packets =
      packets_for(array, payload.is_read(), bytes, multicast ? multicast->destinations : 1, start);
  const Cycles carried(network_.carry(packets, start.value, now().value));
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
