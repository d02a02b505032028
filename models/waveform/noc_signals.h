// The flits of a network on chip as a waveform shows them.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/noc/network.h"
#include "memory/noc/traffic.h"
#include "models/waveform/waveform.h"

namespace basil {

// For each port of the routers shown, by what it leads to ("router5.to_router6", "router5.to_node5"): the
// flit that leaves on it in a cycle, its packet and its virtual channel, and the credits left; for each input
// buffer ("router5.from_router4.vc0") the flits held. For the network: flits from and to nodes so far, and
// packets under way. A nanosecond is a cycle; held, credits and packets are as the cycle finds them.
class NocSignals {
 public:
  // `routers`: indices, each once.
  NocSignals(Waveform& waveform, const Network& network, const std::vector<int>& routers);

  // After each cycle in which the network did something.
  void show(const Network& network);

 private:
  struct Link {
    int router = 0, port = 0;
    Waveform::Signal flit = 0, packet = 0, vc = 0;
    std::int64_t sent = 0;
  };
  struct Count {  // of credits or flits held
    int router = 0, port = 0, vc = 0;
    Waveform::Signal signal = 0;
    int value = 0;
  };

  void declare(const Network& network, int router);
  void at(std::int64_t cycle, Waveform::Signal signal, std::int64_t value);
  void show_flit(const Network& network, const Link& link);
  void show_counts(const Network& network);

  Waveform& waveform_;
  bool several_vcs_;
  Waveform::Signal injected_, ejected_, packets_;
  std::vector<Link> links_;
  std::vector<Count> credits_, held_;
};

// Bytes of the waveform of such a run, as far as can be told: each hop of a flit that the routers shown send
// in the window changes a number of values. Draws the stream's first packets.
[[nodiscard]] double noc_waveform_bytes(const PacketStream& stream, const Topology& topology,
                                        const NocParameters& parameters, std::size_t routers,
                                        std::int64_t first, std::int64_t last);

}  // namespace basil
