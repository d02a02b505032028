// A network on chip at transaction level: packets reserve links, and no flit is moved.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "memory/noc/packet.h"
#include "memory/noc/router.h"
#include "memory/noc/topology.h"

namespace basil {

// A worm, or a flit, on a link, from the cycle in which its head takes it until the link is free again. Links
// count as in link_flits() of memory/noc/interconnect.h.
struct LinkHold {
  std::size_t link = 0;
  std::int64_t from = 0, until = 0;
  int flits = 0;
};

// The network of memory/noc/network.h with one event a packet and hop. The head of a packet asks for hop i
// router_cycles after it set out on hop i - 1, but not before the packet ahead of it has left the input
// buffer; it gets the link first come, first served, in cycle h(i). Its last flit leaves hop i when every
// flit had its turn on the link and, since an input buffer holds only so many of them, when the hops ahead
// have let them through:
//   t(i) = max over j of h(i + j) + link_cycles x (flits - 1 - j x buffer) + j.
// What differs from the flit level: who is first among those that wait (there, round robin), and how exactly
// the flits of two packets in one buffer interlock. A link has one virtual channel here: packets that share
// one flit by flit are for the flit level.
class LinkReservation {
 public:
  // Error for more than one virtual channel.
  LinkReservation(Topology topology, const NocParameters& parameters);

  // A packet that asks for its first link in cycle `born`. Returns its number. Error for a packet that makes
  // no sense here.
  std::uint32_t offer(const Packet& packet);
  // Serves what asks for a link by cycle `until`; deliveries() are then of this call.
  void run(std::int64_t until);
  // Serves until the packet has all its links, ahead of packets that will ask earlier but are not offered
  // yet. Returns the cycle in which its last flit arrives. The packet must not have been served by run().
  std::int64_t finish(std::uint32_t packet);
  [[nodiscard]] const std::vector<Delivery>& deliveries() const { return deliveries_; }

  // What takes which link, from now on, for a waveform; those of a link in their order.
  void keep_holds() { keeping_holds_ = true; }
  [[nodiscard]] std::vector<LinkHold> take_holds() { return std::exchange(holds_, {}); }

  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const NocParameters& parameters() const { return parameters_; }
  [[nodiscard]] const RouterCounters& counters() const { return counters_; }
  [[nodiscard]] std::int64_t flits_sent(int router, int port) const {
    return links_[link(router, port)].flits;
  }
  [[nodiscard]] std::int64_t flits_from(NodeId node) const { return links_[first_link_.back() + node].flits; }
  [[nodiscard]] std::size_t packets_under_way() const { return packets_.size() - free_packets_.size(); }

 private:
  static constexpr std::int64_t unknown = -1;

  struct Hop {
    std::size_t link = 0;
    int parent = -1, router = -1;  // the hop before; the router it leads to, or -1
    NodeId node = 0;               // that it leads to, if to no router
    std::size_t first_child = 0, children = 0;
    std::int64_t asked = unknown, head = unknown, tail = unknown;
  };
  // A worm's way: a tree of hops, each after its parent, those of one parent together.
  struct Way {
    std::uint32_t packet = 0;
    int flits = 0;
    std::size_t hops_left = 0;  // without a known tail
    std::vector<Hop> hops;
  };
  struct Step {
    std::uint32_t way = 0;
    std::size_t hop = 0;
  };
  // A link and the buffer behind it.
  struct Link {
    std::deque<Step> asking;
    std::deque<Step> stays;  // from the one at the front of the buffer to the one on the link
    std::int64_t end = 0;    // of the last stay on the link; unknown while its last flit is not placed
    std::int64_t gone = 0;   // when the last to leave the buffer left it
    std::int64_t flits = 0;
  };
  struct UnderWay {
    std::vector<Delivery> copies;
    std::vector<int> pieces_left;  // by copy
    int copies_left = 0;
  };
  using Event =
      std::tuple<std::int64_t, std::uint64_t, std::uint32_t, std::size_t>;  // cycle, number, way, hop

  [[nodiscard]] std::size_t link(int router, int port) const {
    return first_link_[static_cast<std::size_t>(router)] + static_cast<std::size_t>(port);
  }
  [[nodiscard]] Hop& hop_of(const Step& step) { return ways_[step.way].hops[step.hop]; }
  [[nodiscard]] std::uint32_t take_way(const Packet& packet);
  [[nodiscard]] Hop hop_over(int router, int port, std::size_t parent) const;
  [[nodiscard]] std::vector<Hop> planned(const Packet& packet) const;
  const std::vector<Hop>& tree(const Packet& packet);
  void serve_first();
  void ask(const Step& step, std::int64_t cycle);
  void grant(std::size_t link);
  [[nodiscard]] std::int64_t room(const Link& link) const;
  void take(const Step& step, std::int64_t head);
  void come_to_front(const Step& step, std::int64_t cycle);
  // When flit `index` leaves a hop, or unknown; needs the heads of as many hops ahead as it fills buffers.
  [[nodiscard]] std::int64_t leaves(const Way& way, std::size_t hop, int index) const;
  // The same of the hops behind one: when the flit has left the buffer that the hop leads to.
  [[nodiscard]] std::int64_t gone(const Way& way, std::size_t hop, int index) const;
  void settle(const Step& step);
  void place_tail(const Step& step, std::int64_t left);
  void leave(std::uint32_t way, std::size_t hop);
  void arrive(const Way& way, const Hop& hop);

  Topology topology_;
  NocParameters parameters_;
  std::vector<std::size_t> first_link_;  // by router; then one link a node to its router
  std::vector<Link> links_;
  std::vector<Way> ways_;
  std::vector<std::uint32_t> free_ways_;
  std::vector<UnderWay> packets_;
  std::vector<std::uint32_t> free_packets_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t asked_ = 0;
  std::vector<std::size_t> retry_;  // links that may now be free for those that asked
  std::map<std::pair<NodeId, std::vector<NodeId>>, std::vector<Hop>> trees_;  // by source and destinations
  std::vector<std::size_t> line_;                                             // of settle()
  std::vector<Delivery> deliveries_;
  RouterCounters counters_;
  bool keeping_holds_ = false;
  std::vector<LinkHold> holds_;
};

}  // namespace basil
