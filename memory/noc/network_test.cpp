#include "memory/noc/network.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

// Runs until nothing is under way.
std::vector<Delivery> drain(Network& network) {
  std::vector<Delivery> deliveries;
  while (network.packets_under_way() > 0 && !network.deadlocked()) {
    network.step();
    network.commit();
    deliveries.insert(deliveries.end(), network.deliveries().begin(), network.deliveries().end());
  }
  return deliveries;
}

// A lone packet, every pair: its head leaves the last router after router_cycles in each of hops + 1 routers,
// its last flit link_cycles later for each flit behind the head.
TEST(Network, ZeroLoadLatencyIsHopsTimesRouterPlusSerialisation) {
  for (const std::string kind : {"mesh", "h-tree", "crossbar"}) {
    for (const int link_cycles : {1, 2, 3}) {
      for (const int buffer : {4, 8}) {
        const Topology topology = make_topology(kind, 4, 4);
        Network network(topology, {.vcs = 1, .buffer = buffer, .link_cycles = link_cycles});
        for (NodeId source = 0; source < 16; ++source) {
          for (NodeId destination = 0; destination < 16; ++destination) {
            if (source == destination) continue;
            const std::int64_t born = network.cycle();
            network.offer({source, {destination}, 8, born});
            const std::vector<Delivery> deliveries = drain(network);
            ASSERT_EQ(deliveries.size(), 1U);
            const int hops = kind == "mesh" ? std::abs(source % 4 - destination % 4) +
                                                  std::abs(source / 4 - destination / 4)
                                            : topology.routers_between(source, destination) - 1;
            EXPECT_EQ(deliveries[0].head - born, (hops + 1) * router_cycles);
            EXPECT_EQ(deliveries[0].tail - born, (hops + 1) * router_cycles + 7 * link_cycles);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace basil
