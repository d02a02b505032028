#include "memory/noc/network.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "memory/noc/traffic.h"

namespace basil {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitised = true;
#else
constexpr bool sanitised = false;
#endif

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

TEST(Network, AMulticastForksWhereItsWaysPart) {
  Network network(make_mesh(4, 4), {});
  // From the upper left to the right end of the row, a node on its way and one below the middle of it.
  network.offer({0, {3, 1, 10}, 4, 0});
  const std::vector<Delivery> deliveries = drain(network);
  ASSERT_EQ(deliveries.size(), 3U);
  for (const Delivery& delivery : deliveries) {
    const int hops = delivery.destination == 3 ? 3 : delivery.destination == 1 ? 1 : 4;
    EXPECT_EQ(delivery.head, router_cycles * (hops + 1)) << delivery.destination;
    EXPECT_EQ(delivery.tail, router_cycles * (hops + 1) + 3 * 2) << delivery.destination;
  }
  // East three times, south twice, into three nodes: 8 links, 4 flits on each.
  EXPECT_EQ(network.counters().crossings, 8 * 4);
  // Routers 0 to 3, 6 and 10 write each flit once and read it once, whatever the copies.
  EXPECT_EQ(network.counters().buffer_writes, 6 * 4);
  EXPECT_EQ(network.counters().buffer_reads, 6 * 4);
  EXPECT_EQ(network.counters().routes, 6);
}

// Buffers of 4 cut a multicast of 10 flits into pieces of 4, 4 and 2, one after the other on every link.
TEST(Network, AMulticastLongerThanABufferTravelsInPieces) {
  Network network(make_mesh(4, 1), {.vcs = 1, .buffer = 4, .link_cycles = 2});
  network.offer({0, {1, 3}, 10, 0});
  for (const Delivery& delivery : drain(network)) {
    const int routers = delivery.destination + 1;
    EXPECT_EQ(delivery.head, router_cycles * routers);
    EXPECT_EQ(delivery.tail, router_cycles * routers + 9 * 2);
  }
  EXPECT_EQ(network.ejected(), 2 * 10);
}

TEST(Network, RefusesPacketsThatMakeNoSense) {
  Network network(make_mesh(2, 2), {});
  EXPECT_THROW(network.offer({0, {}, 1, 0}), Error);
  EXPECT_THROW(network.offer({0, {0}, 1, 0}), Error);
  EXPECT_THROW(network.offer({0, {4}, 1, 0}), Error);
  EXPECT_THROW(network.offer({4, {0}, 1, 0}), Error);
  EXPECT_THROW(network.offer({0, {1, 1}, 1, 0}), Error);
  EXPECT_THROW(network.offer({0, {1}, 0, 0}), Error);
  EXPECT_THROW(static_cast<void>(make_topology("mesh", 0, 4)), Error);
  EXPECT_THROW(static_cast<void>(make_topology("mesh", 1, 1)), Error);
  EXPECT_THROW(static_cast<void>(make_topology("mesh", 33, 1)), Error);
  EXPECT_THROW(static_cast<void>(make_topology("ring", 4, 4)), Error);
  EXPECT_THROW(Network(make_mesh(2, 2), {.vcs = 0}), Error);
  EXPECT_THROW(Network(make_mesh(2, 2), {.buffer = 0}), Error);
  EXPECT_THROW(Network(make_mesh(2, 2), {.link_cycles = 0}), Error);
}

struct Drawn {
  Topology topology;
  NocParameters parameters;
  Traffic traffic;
};

Drawn draw_network() {
  Drawn drawn;
  const int cols = *anywhere_in(1, 6), rows = *anywhere_in(cols == 1 ? 2 : 1, 6);
  drawn.topology = make_topology(*rc::gen::element<std::string>("mesh", "h-tree", "crossbar"), cols, rows);
  drawn.parameters.vcs = *anywhere_in(1, 4);
  drawn.parameters.buffer = *anywhere_in(1, 7);
  drawn.parameters.link_cycles = *anywhere_in(1, 4);
  drawn.traffic.pattern = *rc::gen::element(Pattern::uniform, Pattern::hotspot);
  drawn.traffic.flits = *anywhere_in(1, 12);
  drawn.traffic.rate = std::min(1.0, 0.2 * *anywhere_in(1, 10) / drawn.traffic.flits);
  drawn.traffic.multicast_share = *rc::gen::element(0.0, 0.3);
  drawn.traffic.seed = static_cast<std::uint64_t>(*anywhere_in(0, 1'000'000));
  return drawn;
}

// Bursts that overload the network: each offered copy arrives once, no flit is lost or made, and in every
// cycle credits and flits make up every buffer.
TEST(Network, AccountsForEveryFlitAndCredit) {
  check_property(200, [] {
    const Drawn drawn = draw_network();
    Network network(drawn.topology, drawn.parameters);
    const PacketStream stream = offer_pattern(drawn.traffic, drawn.topology.cols, drawn.topology.rows);
    std::optional<Packet> next = stream();
    std::int64_t copies = 0, arrived = 0, flits = 0, ejected = 0;
    bool unicast = true;
    while (network.cycle() < 300 || network.packets_under_way() > 0) {
      for (; next->born <= network.cycle() && network.cycle() < 300; next = stream()) {
        const auto to = static_cast<std::int64_t>(next->destinations.size());
        copies += to;
        flits += next->flits;
        ejected += next->flits * to;
        unicast = unicast && to == 1;
        network.offer(*next);
      }
      RC_ASSERT(!network.deadlocked());
      network.step();
      network.commit();
      arrived += static_cast<std::int64_t>(network.deliveries().size());
      RC_ASSERT(network.credits_conserved());
      if (unicast) RC_ASSERT(network.injected() == network.ejected() + network.held());
    }
    RC_ASSERT(arrived == copies);
    RC_ASSERT(network.injected() == flits);
    RC_ASSERT(network.ejected() == ejected);
    RC_ASSERT(network.held() == 0);
    RC_ASSERT(network.worms_under_way() == 0U);
  });
}

// The law of core/clocked.h: a network that skips its quiet cycles equals one that steps through them all.
TEST(Network, SkippingEqualsStepping) {
  std::int64_t skipped = 0;
  check_property(100, [&] {
    Drawn drawn = draw_network();
    drawn.traffic.rate = std::min(0.02, drawn.traffic.rate);  // with quiet cycles in between
    Network steps(drawn.topology, drawn.parameters), skips(drawn.topology, drawn.parameters);
    const PacketStream stream = offer_pattern(drawn.traffic, drawn.topology.cols, drawn.topology.rows);
    std::optional<Packet> next = stream();
    while (steps.cycle() < 2000) {
      for (; next->born <= steps.cycle(); next = stream()) {
        steps.offer(*next);
        skips.offer(*next);
      }
      steps.step();
      steps.commit();
      const std::int64_t quiet = skips.quiet_for();
      if (quiet > 0) {
        RC_ASSERT(steps.deliveries().empty());
        skips.skip(1);
        ++skipped;
        continue;
      }
      skips.step();
      skips.commit();
      RC_ASSERT(std::equal(steps.deliveries().begin(), steps.deliveries().end(), skips.deliveries().begin(),
                           skips.deliveries().end(), [](const Delivery& a, const Delivery& b) {
                             return a.packet == b.packet && a.destination == b.destination &&
                                    a.head == b.head && a.tail == b.tail;
                           }));
      RC_ASSERT(steps.injected() == skips.injected());
    }
    RC_ASSERT(steps.counters().buffer_reads == skips.counters().buffer_reads);
    RC_ASSERT(steps.counters().routes == skips.counters().routes);
  });
  EXPECT_GT(skipped, 10'000);
}

// Every node always has packets to send, a fifth of them multicasts to any set of nodes: the worst case for
// worms that wait for each other. 10 M cycles with BASIL_FULL=1.
TEST(Network, NeverDeadlocks) {
  std::int64_t cycles = std::getenv("BASIL_FULL") != nullptr && !sanitised ? 10'000'000 : 200'000;
  for (const NocParameters parameters : {NocParameters{.vcs = 1, .buffer = 4, .link_cycles = 2},
                                         NocParameters{.vcs = 2, .buffer = 2, .link_cycles = 1}}) {
    Network network(make_mesh(4, 4), parameters);
    const PacketStream stream = offer_pattern({.rate = 1, .multicast_share = 0.2}, 4, 4);
    std::int64_t arrived = 0, last_arrival = 0;
    while (network.cycle() < cycles) {
      while (network.packets_under_way() < 64) network.offer(*stream());
      ASSERT_FALSE(network.deadlocked()) << network.cycle();
      network.step();
      network.commit();
      if (!network.deliveries().empty()) last_arrival = network.cycle();
      arrived += static_cast<std::int64_t>(network.deliveries().size());
      ASSERT_LT(network.cycle() - last_arrival, 1000) << "nothing arrives any more";
    }
    EXPECT_GT(arrived, cycles / 50);
    ASSERT_TRUE(network.credits_conserved());
    drain(network);
    EXPECT_EQ(network.packets_under_way(), 0U);
    EXPECT_EQ(network.worms_under_way(), 0U);
    cycles /= 5;
  }
}

}  // namespace
}  // namespace basil
