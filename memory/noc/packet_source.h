// Cuts transfers between a memory and the nodes of an array into packets, the nodes taking turns.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/noc/packet.h"

namespace basil {

// What many PEs take is a tree multicast to as many of the array's nodes as hold them, in turn; packets for
// or from single PEs take the nodes in turn one by one. What the memory's own node holds needs no network.
class PacketSource {
 public:
  PacketSource(NodeId memory, std::vector<NodeId> nodes, int pes_a_node, int packet_flits);

  // The turn begins with the first node again.
  void restart() { turn_ = 0; }
  // `destinations`: PEs that take a read's words.
  [[nodiscard]] std::vector<Packet> packets(bool read, std::int64_t flits, std::int64_t destinations,
                                            std::int64_t born);

 private:
  [[nodiscard]] Packet next(bool read, std::int64_t takers);

  NodeId memory_;
  std::vector<NodeId> nodes_;
  int pes_a_node_, packet_flits_;
  std::size_t turn_ = 0;  // the node whose turn it is
};

}  // namespace basil
