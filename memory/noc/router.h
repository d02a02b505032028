// A wormhole router with virtual channels and credits, as a clocked machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "memory/noc/packet.h"
#include "memory/noc/topology.h"

namespace basil {

// The routers and links of a network.
struct NocParameters {
  int vcs = 1;     // virtual channels of a link
  int buffer = 4;  // flits an input buffer holds, of each virtual channel
  int link_cycles =
      2;  // a link takes a flit every so many cycles: 1 pipelined; 2 if each is acknowledged first
};

// Cycles from a head's arrival on a link to its departure on the next: buffer write; then route, virtual
// channel and switch in one. The credit of a place flows back while the next flit is written.
inline constexpr int router_cycles = 2;

// Error for what no router can be.
void check(const NocParameters& parameters);

// What a router's parts did; energy is a sum over them.
struct RouterCounters {
  std::int64_t buffer_writes = 0;
  std::int64_t buffer_reads = 0;  // one for all copies of a flit that leave in a cycle
  std::int64_t crossings = 0;     // flits through the crossbar, each copy
  std::int64_t routes = 0;        // heads routed

  RouterCounters& operator+=(const RouterCounters& other);
};

// In a cycle, the router
//  1. routes the heads at the front of input buffers and gives each output's virtual channels to them (one an
//     output, round robin),
//  2. sends flits whose virtual channel has a credit and whose link is free, at most one flit read from an
//  input
//     and one sent on an output,
//  3. writes the flits that the links brought into the input buffers.
// A multicast's front is a fork of branches, each with its own place in the worm; a flit leaves the buffer
// once the slowest branch has it. A fork's worm must fit its buffer: then no branch ever waits for another,
// and since routes have no cycle of links, no set of worms waits in a ring.
class Router {
 public:
  struct Sent {
    int port;
    Flit flit;
  };
  struct Freed {
    int port, vc;
  };

  // A router of `topology`; `worms` are the network's, and both outlive it.
  Router(const Topology& topology, int index, const NocParameters& parameters, Worms& worms);

  // What the wires bring at a clock edge: a flit on an input's link, a place freed behind an output.
  void arrive(int port, const Flit& flit);
  void credit(int port, int vc);
  // What the last edge put on the wires; gone with the next.
  [[nodiscard]] std::span<const Sent> sent() const { return sent_; }
  [[nodiscard]] std::span<const Freed> freed() const { return freed_; }

  void step();
  void commit();
  [[nodiscard]] std::int64_t quiet_for() const { return wake_ == quiet_for_ever ? wake_ : wake_ - cycle_; }
  void skip(std::int64_t cycles) { cycle_ += cycles; }

  [[nodiscard]] std::int64_t cycle() const { return cycle_; }
  [[nodiscard]] const RouterCounters& counters() const { return counters_; }
  [[nodiscard]] std::int64_t flits_sent(int port) const {
    return outputs_[static_cast<std::size_t>(port)].flits;
  }
  // Flits here: in all buffers and input links, or in one.
  [[nodiscard]] int held() const { return buffered_ + static_cast<int>(arriving_.size()); }
  [[nodiscard]] int held(int port, int vc) const;
  [[nodiscard]] int credits(int port, int vc) const {
    return outputs_[static_cast<std::size_t>(port)].vcs[static_cast<std::size_t>(vc)].credits;
  }

 private:
  struct Branch {
    int port = 0;
    int vc = -1;  // none yet
    int sent = 0;
    std::uint32_t worm = 0;
  };
  struct Input {
    int head = 0, filled = 0;
    std::vector<Branch> branches;  // of the worm at the front, once routed
  };
  struct OutputVc {
    bool taken = false;
    int credits = 0;
  };
  struct Output {
    std::vector<OutputVc> vcs;
    bool node = false;           // a node takes every flit: no credits
    std::int64_t free = 0;       // the cycle from which the link takes a flit
    std::int64_t flits = 0;      // sent
    std::size_t last_given = 0;  // input that got a virtual channel last
    std::size_t asked_by = 0;    // in this cycle, the next in turn of those that ask
    Branch* asking = nullptr;    // its branch
  };

  [[nodiscard]] std::size_t input(int port, int vc) const {
    return static_cast<std::size_t>(port * parameters_.vcs + vc);
  }
  [[nodiscard]] Flit& place(std::size_t at, int offset);
  void route(std::size_t at);
  void ask(std::size_t at);
  void give_channels();
  void send_flits();
  bool send_from(std::size_t at);
  void send(Branch& branch, const Flit& flit);
  void leave(std::size_t at);
  void take_arrivals();

  const Topology& topology_;
  int index_;
  NocParameters parameters_;
  Worms& worms_;

  std::vector<Input> inputs_;               // by port, then virtual channel
  std::vector<Flit> places_;                // of the input buffers
  std::vector<Output> outputs_;             // by port
  std::vector<std::size_t> filled_inputs_;  // sorted
  std::vector<int> asked_outputs_;
  std::vector<std::pair<int, Flit>> arriving_;
  std::vector<Sent> sent_, next_sent_;
  std::vector<Freed> freed_, next_freed_;
  std::vector<std::int64_t> last_read_;  // by port: the cycle
  std::size_t first_ = 0;                // input whose turn to send it is
  std::int64_t cycle_ = 0, wake_ = quiet_for_ever;
  int buffered_ = 0;
  bool moved_ = false;
  RouterCounters counters_;
};

static_assert(Clocked<Router>);

}  // namespace basil
