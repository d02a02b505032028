// What travels on a network on chip: packets between nodes, cut into flits.
#pragma once

#include <cstdint>
#include <vector>

namespace basil {

using NodeId = std::uint16_t;

// A message. Its route travels beside the flits, so a header takes no flit of its own.
struct Packet {
  NodeId source = 0;
  std::vector<NodeId> destinations;  // more than one: a tree multicast; distinct, none of them the source
  int flits = 1;
  std::int64_t born = 0;  // the cycle in which it was offered
};

// Error for a packet that makes no sense in a network of so many nodes.
void check(const Packet& packet, int nodes);

// A part of a packet as it moves as one: the whole packet, or behind a fork of a multicast the copy for some
// of its destinations, or one of the pieces that a long multicast was cut into.
struct Worm {
  std::uint32_t packet = 0;
  int flits = 0;
  std::vector<NodeId> destinations;
};

struct Flit {
  std::uint32_t worm = 0;
  std::uint16_t index = 0;  // in its worm
  std::uint16_t vc = 0;     // virtual channel it travels on
  bool tail = false;
};

// A packet's copy has left the last router for one of its destinations.
struct Delivery {
  std::uint32_t packet = 0;
  NodeId source = 0, destination = 0;
  int flits = 0;
  std::int64_t born = 0, head = 0, tail = 0;  // cycles: offered, first flit out, last flit out
};

// The worms under way; a number is used again once its worm is done.
class Worms {
 public:
  [[nodiscard]] std::uint32_t take() {
    if (free_.empty()) {
      worms_.emplace_back();
      return static_cast<std::uint32_t>(worms_.size() - 1);
    }
    const std::uint32_t worm = free_.back();
    free_.pop_back();
    worms_[worm].destinations.clear();
    return worm;
  }
  void release(std::uint32_t worm) { free_.push_back(worm); }
  [[nodiscard]] Worm& operator[](std::uint32_t worm) { return worms_[worm]; }
  [[nodiscard]] const Worm& operator[](std::uint32_t worm) const { return worms_[worm]; }
  [[nodiscard]] std::size_t in_use() const { return worms_.size() - free_.size(); }

 private:
  std::vector<Worm> worms_;
  std::vector<std::uint32_t> free_;
};

}  // namespace basil
