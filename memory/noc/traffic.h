// Packets offered to a network on chip: synthetic patterns and traces.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memory/noc/packet.h"

namespace basil {

// Hands out packets in the order of `born`, then nothing.
using PacketStream = std::function<std::optional<Packet>()>;

enum class Pattern { uniform, transpose, hotspot };
// Error at `where` for another word.
[[nodiscard]] Pattern parse_pattern(const std::string& word, const std::string& where);

struct Traffic {
  Pattern pattern = Pattern::uniform;
  double rate = 0.01;  // packets offered in a cycle by a node: in each cycle one, with this probability
  int flits = 8;       // of a packet
  std::uint64_t seed = 1;
  double hotspot_share = 0.1;    // of a hotspot's packets, those that go to the middle of the grid
  double multicast_share = 0.0;  // of the packets, those that go to several nodes
};

// Without end. Each node draws from its own generator, so what it offers does not depend on the others.
// uniform: any other node; transpose: node (x, y) to (y, x), the diagonal silent; hotspot: a share to the
// middle node, the rest uniform. Error for a rate of 0 or above 1, a share outside 0 to 1, no flits, or a
// transpose of an oblong grid.
[[nodiscard]] PacketStream offer_pattern(const Traffic& traffic, int cols, int rows);

// A text file, a packet a line: CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS, in the order of the cycles;
// what follows a # is a comment. Error with file and line.
[[nodiscard]] std::vector<Packet> read_packets(const std::string& file, int nodes);
[[nodiscard]] PacketStream offer_packets(std::vector<Packet> packets);

}  // namespace basil
