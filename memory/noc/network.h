// A network on chip at flit level: every flit moves through every register, but only routers with work step.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "memory/noc/packet.h"
#include "memory/noc/router.h"
#include "memory/noc/topology.h"

namespace basil {

// The routers of a topology, the wires between them, and at each node an unbounded queue of packets that
// feeds the node's router over a link like the others. A node takes what comes to it at once.
//
// A lone packet's head leaves its last router router_cycles x routers after it was offered, its last flit
// link_cycles x (flits - 1) later.
//
// A multicast longer than an input buffer is cut at its source into pieces that fit one (see Router).
class Network {
 public:
  Network(Topology topology, const NocParameters& parameters);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Queues a packet in this cycle, whatever its `born`. Returns its number, used again once all its copies
  // have arrived. Error for a packet that makes no sense here.
  std::uint32_t offer(const Packet& packet);

  // The machine as a whole, by the contract of core/clocked.h; offer() touches it.
  void step();
  void commit();
  [[nodiscard]] std::int64_t quiet_for() const;
  void skip(std::int64_t cycles) { cycle_ += cycles; }

  // What reached its nodes in the last cycle.
  [[nodiscard]] std::span<const Delivery> deliveries() const { return deliveries_; }

  [[nodiscard]] std::int64_t cycle() const { return cycle_; }
  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const NocParameters& parameters() const { return parameters_; }
  [[nodiscard]] const Router& router(int index) const { return routers_[static_cast<std::size_t>(index)]; }
  // The packet of a flit that a router sent in the last cycle: the how-manieth offered, from 0.
  [[nodiscard]] std::int64_t packet_number(const Flit& flit) const {
    return packets_[worms_[flit.worm].packet].number;
  }
  [[nodiscard]] RouterCounters counters() const;
  [[nodiscard]] std::int64_t flits_sent(int index, int port) const { return router(index).flits_sent(port); }
  [[nodiscard]] std::int64_t flits_from(NodeId node) const { return sources_[node].flits; }
  // Flits from nodes to routers, from routers to nodes, and in between.
  [[nodiscard]] std::int64_t injected() const { return injected_; }
  [[nodiscard]] std::int64_t ejected() const { return ejected_; }
  [[nodiscard]] std::int64_t held() const;
  [[nodiscard]] std::size_t packets_under_way() const { return packets_.size() - free_packets_.size(); }
  [[nodiscard]] std::size_t worms_under_way() const { return worms_.in_use(); }
  // Packets are under way and nothing can ever move again.
  [[nodiscard]] bool deadlocked() const { return packets_under_way() > 0 && quiet_for() == quiet_for_ever; }
  // Of every link and virtual channel: credits, and flits behind them, make up the buffer.
  [[nodiscard]] bool credits_conserved() const;

 private:
  struct Source {
    std::deque<std::uint32_t> queue;  // of worms
    int sent = 0, vc = 0;             // of the first
    std::vector<int> credits;         // by virtual channel
    std::int64_t free = 0;            // the cycle from which the link takes a flit
    std::int64_t flits = 0;           // sent
  };
  struct Injected {
    int router, port;
    Flit flit;
  };
  struct UnderWay {
    Packet packet;
    std::int64_t number = 0;
    std::vector<Delivery> copies;
    std::vector<int> flits_left;  // by copy
    int copies_left = 0;
  };
  // Indices of what has work, in order.
  class Active {
   public:
    explicit Active(int size) : words_(static_cast<std::size_t>(size + 63) / 64) {}
    void insert(int index) { words_[static_cast<std::size_t>(index) / 64] |= bit(index); }
    void erase(int index) { words_[static_cast<std::size_t>(index) / 64] &= ~bit(index); }
    template <class Visit>
    void each(Visit&& visit) const {
      for (std::size_t w = 0; w < words_.size(); ++w) {
        for (std::uint64_t left = words_[w]; left != 0; left &= left - 1)
          visit(static_cast<int>(w) * 64 + __builtin_ctzll(left));
      }
    }

   private:
    static std::uint64_t bit(int index) { return std::uint64_t{1} << (index % 64); }
    std::vector<std::uint64_t> words_;
  };

  [[nodiscard]] Router& now_at(int router);  // woken and brought to this cycle
  [[nodiscard]] Source& source(int node) { return sources_[static_cast<std::size_t>(node)]; }
  std::uint32_t take_packet(const Packet& packet);
  void inject(int node);
  void wire(int index);
  void eject(NodeId node, const Flit& flit);

  Topology topology_;
  NocParameters parameters_;
  Worms worms_;
  std::vector<Router> routers_;
  std::vector<Source> sources_;
  Active active_routers_, active_sources_;
  std::vector<int> stepped_;
  std::vector<Injected> staged_;
  std::vector<UnderWay> packets_;
  std::vector<std::uint32_t> free_packets_;
  std::vector<Delivery> deliveries_;
  std::int64_t cycle_ = 0, offered_ = 0, injected_ = 0, ejected_ = 0;
};

static_assert(Clocked<Network>);

}  // namespace basil
