// A network on chip at transaction level: packets are given links, and no router is clocked.
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

// The network of memory/noc/network.h with one event a packet and hop. A head asks for its next link
// router_cycles after it set out on the last, or when the packet ahead of it has left the input buffer. The
// link's output is given to one of those that ask as soon as the tail before has left, round robin as in a
// router. Flit k of the n-th to take the link, counted in flits, then leaves in cycle
//   x(i, k) = max of  x(i, k-1) + link_cycles    the link,
//                     x(i-1, k) + router_cycles  its arrival,
//                     gone(n - buffer) + 1       the credit: the flit whose place it takes left the buffer.
// Each is known once what it depends on is: a worm that is blocked holds what it holds, as far back as its
// flits lie. For packets to single nodes that is the flit level cycle for cycle, at any load
// (reservation_test). What differs: copies of a multicast's flits that leave an input buffer at different
// times take turns at its one read port there, here they do not. A link has one virtual channel: packets that
// share one flit by flit are for the flit level.
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
    int input = 0;                 // of the router it leaves: the port its flits came in by
    int output_end = 0;            // of the router it leads to: the port it comes in by
    NodeId node = 0;               // that it leads to, if to no router
    std::size_t first_child = 0, children = 0;
    std::int64_t granted = unknown, head = unknown;
    int placed = 0;          // flits whose cycle is known
    std::int64_t first = 0;  // the head's number on the link
  };
  // A worm's way: a tree of hops, each after its parent, those of one parent together.
  struct Way {
    std::uint32_t packet = 0;
    int flits = 0;
    std::size_t hops_left = 0;  // without a known tail
    std::vector<Hop> hops;
    std::size_t window = 0;          // flits of a hop whose cycles are kept: more than a buffer holds
    std::vector<std::int64_t> sent;  // by hop, then flit modulo window
  };
  struct Step {
    std::uint32_t way = 0;
    std::size_t hop = 0;
  };
  // A link and the buffer behind it.
  struct Link {
    std::vector<Step> asking;     // in the order of their cycles
    std::deque<Step> stays;       // worms whose flits are in the buffer, or on their way there
    bool taken = false;           // by a worm whose tail is not placed
    Step owner;                   // that worm
    std::int64_t given_from = 0;  // if not: the cycle in which it may be given again
    std::int64_t free = 0;        // the cycle from which it takes a flit
    std::int64_t gone = 0;        // when the last worm to leave the buffer left it
    std::int64_t flits = 0;
    int last_given = 0;                 // input
    std::vector<std::int64_t> leaving;  // by flit modulo the buffer: when it left, or unknown
  };
  struct UnderWay {
    std::vector<Delivery> copies;
    std::vector<int> pieces_left;  // by copy
    int copies_left = 0;
  };
  // Something asks for a link, or (way none) the link may be given: cycle, number, way, hop or link.
  using Event = std::tuple<std::int64_t, std::uint64_t, std::uint32_t, std::size_t>;

  [[nodiscard]] std::size_t link(int router, int port) const {
    return first_link_[static_cast<std::size_t>(router)] + static_cast<std::size_t>(port);
  }
  [[nodiscard]] std::int64_t& sent(Way& way, std::size_t hop, int flit) {
    return way.sent[hop * way.window + static_cast<std::size_t>(flit) % way.window];
  }
  [[nodiscard]] Hop& hop_of(const Step& step) { return ways_[step.way].hops[step.hop]; }
  [[nodiscard]] std::uint32_t take_way(const Packet& packet, int flits);
  [[nodiscard]] Hop hop_over(int router, int port, const Hop& before, std::size_t parent) const;
  [[nodiscard]] std::vector<Hop> planned(const Packet& packet) const;
  const std::vector<Hop>& tree(const Packet& packet);
  void serve_first();
  void ask(const Step& step, std::int64_t cycle);
  void give(std::size_t link, std::int64_t cycle);
  [[nodiscard]] std::size_t next_in_turn(const Link& link) const;
  void take(const Step& step, std::int64_t cycle);
  void come_to_front(const Step& step, std::int64_t cycle);
  // Places the flits of a hop whose cycles are now known, and what follows from them.
  void place(const Step& step);
  [[nodiscard]] std::int64_t cycle_of(Way& way, std::size_t hop, int flit);
  void place_head(const Step& step);
  void leave_buffer(Way& way, std::size_t hop, int flit);
  void place_tail(const Step& step);
  void leave(std::uint32_t way, std::size_t hop);
  void arrive(const Way& way, const Hop& hop, std::int64_t tail);

  Topology topology_;
  NocParameters parameters_;
  std::vector<std::size_t> first_link_;  // by router; then one link a node to its router
  std::vector<Link> links_;
  std::vector<int> inputs_;  // by link: of the router it leaves; 0 of a node's
  std::vector<Way> ways_;
  std::vector<std::uint32_t> free_ways_;
  std::vector<UnderWay> packets_;
  std::vector<std::uint32_t> free_packets_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t asked_ = 0;
  std::vector<std::size_t> asked_links_;                                      // in the cycle being served
  std::vector<Step> to_place_;                                                // hops that may know more
  std::map<std::pair<NodeId, std::vector<NodeId>>, std::vector<Hop>> trees_;  // by source and destinations
  std::vector<Delivery> deliveries_;
  RouterCounters counters_;
  bool keeping_holds_ = false;
  std::vector<LinkHold> holds_;
};

}  // namespace basil
