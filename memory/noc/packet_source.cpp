#include "memory/noc/packet_source.h"

#include <algorithm>
#include <utility>

#include "core/units.h"

namespace basil {

PacketSource::PacketSource(NodeId memory, std::vector<NodeId> nodes, int pes_a_node, int packet_flits)
    : memory_(memory), nodes_(std::move(nodes)), pes_a_node_(pes_a_node), packet_flits_(packet_flits) {}

// Without destinations when it stays on the memory's node.
Packet PacketSource::next(bool read, std::int64_t takers) {
  Packet packet{memory_, {}, 0, 0};
  const auto many = static_cast<std::size_t>(std::min<std::int64_t>(takers, std::ssize(nodes_)));
  for (std::size_t i = 0; i < many; ++i) {
    const NodeId node = nodes_[turn_];
    turn_ = turn_ + 1 == nodes_.size() ? 0 : turn_ + 1;
    if (node != memory_) packet.destinations.push_back(node);
  }
  if (!read && !packet.destinations.empty()) std::swap(packet.source, packet.destinations[0]);
  return packet;
}

std::vector<Packet> PacketSource::packets(bool read, std::int64_t flits, std::int64_t destinations,
                                          std::int64_t born) {
  const std::int64_t takers = read ? ceil_div(std::max<std::int64_t>(1, destinations), pes_a_node_) : 1;
  std::vector<Packet> packets;
  for (; flits > 0; flits -= packet_flits_) {
    Packet packet = next(read, takers);
    if (packet.destinations.empty()) continue;
    packet.flits = static_cast<int>(std::min<std::int64_t>(flits, packet_flits_));
    packet.born = born;
    packets.push_back(std::move(packet));
  }
  return packets;
}

}  // namespace basil
