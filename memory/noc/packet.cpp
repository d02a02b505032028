#include "memory/noc/packet.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {

void check(const Packet& packet, int nodes) {
  if (packet.flits < 1 || packet.flits > 65535)
    throw Error("NoC packet", fmt::format("{} flits", packet.flits), "1 to 65535");
  if (packet.destinations.empty()) throw Error("NoC packet", "no destination", "a node");
  if (packet.source >= nodes)
    throw Error("NoC packet", fmt::format("source {}", packet.source), fmt::format("0 to {}", nodes - 1));
  for (std::size_t i = 0; i < packet.destinations.size(); ++i) {
    const NodeId node = packet.destinations[i];
    if (node >= nodes || node == packet.source)
      throw Error("NoC packet", fmt::format("destination {} from node {}", node, packet.source),
                  fmt::format("another node, 0 to {}", nodes - 1));
    if (std::find(packet.destinations.begin(), packet.destinations.begin() + static_cast<std::ptrdiff_t>(i),
                  node) != packet.destinations.begin() + static_cast<std::ptrdiff_t>(i))
      throw Error("NoC packet", fmt::format("destination {} twice", node), "each once");
  }
}

}  // namespace basil
