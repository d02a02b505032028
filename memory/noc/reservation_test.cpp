#include "memory/noc/reservation.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "memory/noc/network.h"
#include "memory/noc/traffic.h"

namespace basil {
namespace {

// A lone packet: the flit level's formula, for every pair.
TEST(Reservation, ZeroLoadLatencyIsHopsTimesRouterPlusSerialisation) {
  for (const int link_cycles : {1, 2}) {
    LinkReservation network(make_mesh(4, 4), {.vcs = 1, .buffer = 4, .link_cycles = link_cycles});
    std::int64_t born = 0;
    for (NodeId source = 0; source < 16; ++source) {
      for (NodeId destination = 0; destination < 16; ++destination) {
        if (source == destination) continue;
        const int hops = std::abs(source % 4 - destination % 4) + std::abs(source / 4 - destination / 4);
        born += 1000;
        EXPECT_EQ(network.finish(network.offer({source, {destination}, 8, born})),
                  born + (hops + 1) * router_cycles + 7 * link_cycles);
      }
    }
  }
}

// Two packets of 8 flits from node 0 of a line of 3, buffers of 4, a flit in 2 cycles; the second stays
// behind.
TEST(Reservation, PacketsOnOneLinkFollowEachOther) {
  LinkReservation network(make_mesh(3, 1), {});
  EXPECT_EQ(network.finish(network.offer({0, {2}, 8, 0})), 3 * 2 + 7 * 2);
  // Its head sets out when the first's 8 flits have: 16; three routers; 7 flits behind the head.
  EXPECT_EQ(network.finish(network.offer({0, {2}, 8, 3})), 16 + 3 * 2 + 7 * 2);
}

// A packet from node 1 of a line of 3 holds the link to node 2 in cycles 2 to 18. One from node 0 is stopped
// before it, and holds up a third behind it in the buffer of router 1, though that one's own way is free.
TEST(Levels, AStoppedPacketHoldsUpTheOneBehindIt) {
  const std::vector<Packet> packets{{1, {2}, 8, 0}, {0, {2}, 8, 0}, {0, {1}, 1, 0}};
  const std::int64_t first = 2 * 2 + 7 * 2;             // two routers, 7 flits behind the head
  const std::int64_t second = (2 + 8 * 2) + 2 + 7 * 2;  // when the link is free; the exit; 7 flits
  const std::int64_t third = (2 + 8 * 2) + 7 * 2 + 1;   // when the second's last flit is gone
  LinkReservation reserved(make_mesh(3, 1), {});
  EXPECT_EQ(reserved.finish(reserved.offer(packets[0])), first);
  EXPECT_EQ(reserved.finish(reserved.offer(packets[1])), second);
  EXPECT_EQ(reserved.finish(reserved.offer(packets[2])), third);

  Network flits(make_mesh(3, 1), {});
  for (const Packet& packet : packets) flits.offer(packet);
  std::vector<std::int64_t> arrivals;
  while (flits.packets_under_way() > 0) {
    flits.step();
    flits.commit();
    for (const Delivery& delivery : flits.deliveries()) arrivals.push_back(delivery.tail);
  }
  EXPECT_EQ(arrivals, (std::vector<std::int64_t>{first, third, second}));
}

// When each packet's last flit arrives, by its source, birth and destination.
using Arrivals = std::vector<std::tuple<NodeId, std::int64_t, NodeId, std::int64_t, std::int64_t>>;

template <class Deliveries>
void note(Arrivals& arrivals, const Deliveries& deliveries) {
  for (const Delivery& one : deliveries)
    arrivals.emplace_back(one.source, one.born, one.destination, one.head, one.tail);
}

Arrivals at_flit_level(Network& network, const std::vector<Packet>& packets) {
  Arrivals arrivals;
  std::size_t next = 0;
  while (next < packets.size() || network.packets_under_way() > 0) {
    for (; next < packets.size() && packets[next].born == network.cycle(); ++next)
      network.offer(packets[next]);
    network.step();
    network.commit();
    note(arrivals, network.deliveries());
  }
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

Arrivals at_transaction_level(LinkReservation& network, const std::vector<Packet>& packets) {
  Arrivals arrivals;
  for (const Packet& packet : packets) {
    network.run(packet.born - 1);
    note(arrivals, network.deliveries());
    network.offer(packet);
  }
  network.run(quiet_for_ever);
  note(arrivals, network.deliveries());
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

std::vector<Packet> drawn(const Traffic& traffic, int cols, int rows, std::int64_t cycles) {
  std::vector<Packet> packets;
  const PacketStream stream = offer_pattern(traffic, cols, rows);
  for (auto packet = stream(); packet && packet->born < cycles; packet = stream()) packets.push_back(*packet);
  return packets;
}

// Any load, far beyond saturation too: each head and each tail arrives in the same cycle as flit by flit.
TEST(Levels, AreCycleForCycleTheSameForPacketsToSingleNodes) {
  check_property(100, [] {
    const int cols = *anywhere_in(2, 6), rows = *anywhere_in(2, 6);
    const Topology topology =
        make_topology(*rc::gen::element<std::string>("mesh", "mesh", "h-tree", "crossbar"), cols, rows);
    const NocParameters parameters{1, *anywhere_in(1, 9), *anywhere_in(1, 4)};
    Traffic traffic;
    const Pattern other = cols == rows ? Pattern::transpose : Pattern::uniform;
    traffic.pattern = *rc::gen::element(Pattern::uniform, Pattern::hotspot, other);
    traffic.flits = *anywhere_in(1, 20);
    traffic.rate = std::min(1.0, 0.02 * *anywhere_in(1, 40) / traffic.flits);
    traffic.seed = static_cast<std::uint64_t>(*anywhere_in(0, 1'000'000));
    const std::vector<Packet> packets = drawn(traffic, cols, rows, 400);
    LinkReservation reserved(topology, parameters);
    Network flits(topology, parameters);
    RC_ASSERT(at_transaction_level(reserved, packets) == at_flit_level(flits, packets));
  });
}

TEST(Reservation, KnowsOneVirtualChannel) {
  EXPECT_THROW(LinkReservation(make_mesh(2, 2), {.vcs = 2}), Error);
  EXPECT_THROW(LinkReservation(make_mesh(2, 2), {.buffer = 0}), Error);
  LinkReservation network(make_mesh(2, 2), {});
  EXPECT_THROW(network.offer({0, {4}, 1, 0}), Error);
}

// Overloads with multicasts: all copies arrive, each once, after the least time they need, and the parts do
// what they do on the flit level.
TEST(Reservation, ServesEveryPacketOnce) {
  check_property(200, [] {
    const int cols = *anywhere_in(1, 6), rows = *anywhere_in(cols == 1 ? 2 : 1, 6);
    const Topology topology =
        make_topology(*rc::gen::element<std::string>("mesh", "h-tree", "crossbar"), cols, rows);
    const NocParameters parameters{1, *anywhere_in(1, 7), *anywhere_in(1, 4)};
    Traffic traffic;
    traffic.flits = *anywhere_in(1, 12);
    traffic.rate = std::min(1.0, 0.2 * *anywhere_in(1, 10) / traffic.flits);
    traffic.multicast_share = *rc::gen::element(0.0, 0.3);
    traffic.seed = static_cast<std::uint64_t>(*anywhere_in(0, 1'000'000));
    LinkReservation reserved(topology, parameters);
    Network flits(topology, parameters);
    const PacketStream stream = offer_pattern(traffic, cols, rows);
    std::int64_t copies = 0;
    for (auto packet = stream(); packet->born < 300; packet = stream()) {
      reserved.offer(*packet);
      flits.offer(*packet);
      copies += static_cast<std::int64_t>(packet->destinations.size());
    }
    reserved.run(quiet_for_ever);
    RC_ASSERT(static_cast<std::int64_t>(reserved.deliveries().size()) == copies);
    RC_ASSERT(reserved.packets_under_way() == 0U);
    for (const Delivery& delivery : reserved.deliveries()) {
      const int routers = topology.routers_between(delivery.source, delivery.destination);
      RC_ASSERT(delivery.head >= delivery.born + router_cycles * routers);
      RC_ASSERT(delivery.tail >= delivery.head + parameters.link_cycles * (delivery.flits - 1));
    }
    while (flits.packets_under_way() > 0) {
      flits.step();
      flits.commit();
    }
    RC_ASSERT(reserved.counters().buffer_writes == flits.counters().buffer_writes);
    RC_ASSERT(reserved.counters().crossings == flits.counters().crossings);
    RC_ASSERT(reserved.counters().routes == flits.counters().routes);
    for (int router = 0; router < topology.routers(); ++router) {
      for (int port = 0; port < static_cast<int>(topology.ports[static_cast<std::size_t>(router)].size());
           ++port)
        RC_ASSERT(reserved.flits_sent(router, port) == flits.flits_sent(router, port));
    }
  });
}

}  // namespace
}  // namespace basil
