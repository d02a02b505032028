#include "memory/noc/noc_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

NocTargetParameters checked(NocTargetParameters parameters) {
  const int nodes = parameters.topology.nodes();
  const auto check_node = [&](NodeId node) {
    if (node >= nodes) throw Error("NoC", fmt::format("node {}", node), fmt::format("0 to {}", nodes - 1));
  };
  check_node(parameters.memory);
  for (const auto& array : parameters.arrays) {
    if (array.empty()) throw Error("NoC", "an array without a node", "one or more");
    for (const NodeId node : array) check_node(node);
  }
  const auto positive = [](const char* what, int value) {
    if (value < 1) throw Error("NoC", fmt::format("{} {}", value, what), "1 or more");
  };
  positive("bits a flit", parameters.flit_bits);
  positive("flits a packet", parameters.packet_flits);
  positive("PEs a node", parameters.pes_a_node);
  return parameters;
}

}  // namespace

NocTarget::NocTarget(const sc_core::sc_module_name& name, NocTargetParameters parameters)
    : sc_module(name),
      from_array("from_array"),
      to_memory("to_memory"),
      parameters_(checked(std::move(parameters))),
      network_(parameters_.topology, parameters_.routers),
      turn_(parameters_.arrays.size(), 0) {
  from_array.register_b_transport(this, &NocTarget::b_transport);
}

void NocTarget::quiesce() {
  network_ = LinkReservation(parameters_.topology, parameters_.routers);
  std::fill(turn_.begin(), turn_.end(), 0);
  bytes_ = Bytes(0);
  packets_ = 0;
}

NocTargetCounters NocTarget::counters() const {
  NocTargetCounters counters{bytes_, packets_, network_.counters(), 0};
  const Topology& topology = network_.topology();
  for (int router = 0; router < topology.routers(); ++router) {
    const auto& ports = topology.ports[static_cast<std::size_t>(router)];
    for (int port = 0; port < static_cast<int>(ports.size()); ++port)
      counters.flit_pitches +=
          static_cast<double>(network_.flits_sent(router, port)) * topology.end(router, port).pitches;
  }
  for (std::size_t node = 0; node < topology.homes.size(); ++node)
    counters.flit_pitches +=
        static_cast<double>(network_.flits_from(static_cast<NodeId>(node))) * topology.homes[node].pitches;
  return counters;
}

// Without destinations when it stays on the memory's node.
Packet NocTarget::packet_for(std::size_t array, bool read, std::int64_t destinations) {
  const std::vector<NodeId>& nodes = parameters_.arrays[array];
  if (read && destinations > 1) {
    const std::int64_t takers = ceil_div(destinations, parameters_.pes_a_node);
    Packet packet{parameters_.memory, {}, 0, 0};
    for (std::size_t i = 0; i < nodes.size() && static_cast<std::int64_t>(i) < takers; ++i) {
      if (nodes[i] != parameters_.memory) packet.destinations.push_back(nodes[i]);
    }
    return packet;
  }
  const NodeId node = nodes[turn_[array]];
  turn_[array] = (turn_[array] + 1) % nodes.size();
  if (node == parameters_.memory) return {};
  return read ? Packet{parameters_.memory, {node}, 0, 0} : Packet{node, {parameters_.memory}, 0, 0};
}

Cycles NocTarget::carry(std::size_t array, bool read, Bytes bytes, std::int64_t destinations, Cycles start) {
  std::int64_t end = start.value;
  std::int64_t flits = ceil_div(bytes.value * 8, parameters_.flit_bits);
  for (; flits > 0; flits -= parameters_.packet_flits) {
    Packet packet = packet_for(array, read, destinations);
    if (packet.destinations.empty()) continue;
    packet.flits = static_cast<int>(std::min<std::int64_t>(flits, parameters_.packet_flits));
    packet.born = start.value;
    end = std::max(end, network_.finish(network_.offer(packet)) + 1);
    ++packets_;
  }
  return Cycles(end);
}

void NocTarget::b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const auto array = static_cast<std::size_t>(initiator);
  if (array >= parameters_.arrays.size()) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  const Multicast* multicast = nullptr;
  payload.get_extension(multicast);
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  bytes_ += bytes;
  const Cycles end = carry(array, payload.is_read(), bytes, multicast ? multicast->destinations : 1,
                           now() + to_cycles(delay));
  to_memory->b_transport(payload, delay);
  delay = std::max(delay, to_time(end - now()));
}

}  // namespace basil
