// The network under load: published delays, and the two levels against each other.
#include "memory/noc/measure.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <ctime>

namespace basil {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t cycles = 40'000;  // sanitizers take twenty times as long
#else
constexpr std::int64_t cycles = 200'000;
#endif
constexpr std::int64_t warmup = 1'000;

NocMeasure at_flit_level(const Topology& topology, const NocParameters& parameters, const Traffic& traffic) {
  Network network(topology, parameters);
  return measure(network, offer_pattern(traffic, topology.cols, topology.rows), cycles, warmup);
}

NocMeasure at_transaction_level(const Topology& topology, const NocParameters& parameters,
                                const Traffic& traffic) {
  LinkReservation network(topology, parameters);
  return measure(network, offer_pattern(traffic, topology.cols, topology.rows), cycles, warmup);
}

// Noxim on a 4x4 mesh: XY, packets of 8 flits, buffers of 4, uniform traffic. A flit a link in two cycles
// (its links acknowledge each flit), two cycles a router, and the delay is that of the head from birth to its
// departure from the last router: all three are how that simulator works. Nothing here is fitted.
TEST(Mesh, FollowsThePublishedCurveOf4x4) {
  struct Point {
    double rate, delay;
  };
  for (const Point& point : {Point{0.001, 7.6}, Point{0.005, 9.1}, Point{0.01, 11.8}}) {
    const NocMeasure measured = at_flit_level(make_mesh(4, 4), {}, {.rate = point.rate});
    const double deviation = measured.head.average / point.delay - 1;
    fmt::print("rate {:.3f}: average delay {:.2f} cycles, published {:.1f}, {:+.1f} %\n", point.rate,
               measured.head.average, point.delay, 100 * deviation);
    EXPECT_LT(std::abs(deviation), 0.10) << point.rate;
    EXPECT_FALSE(measured.saturated());
  }
  // Near 0.03 the published delay leaves every bound; a step is 0.005.
  double saturation = 0;
  for (double rate = 0.02; rate < 0.05 && saturation == 0; rate += 0.005) {
    const NocMeasure measured = at_flit_level(make_mesh(4, 4), {}, {.rate = rate});
    fmt::print("rate {:.3f}: average delay {:.2f} cycles, {:.4f} of {:.4f} flits a node and cycle arrive\n",
               rate, measured.head.average, measured.accepted_rate, measured.offered_rate);
    if (measured.saturated()) saturation = rate;
  }
  EXPECT_NEAR(saturation, 0.03, 0.005 + 1e-9);
}

std::string name_of(Pattern pattern) {
  return pattern == Pattern::uniform ? "uniform" : pattern == Pattern::transpose ? "transpose" : "hotspot";
}

struct Load {
  std::string kind;
  int side;
  Traffic traffic;
  NocParameters parameters = {};
};

// Up to nine tenths of the rate at which each saturates. Packets to single nodes are equal to the cycle
// (reservation_test); multicasts are not.
TEST(Levels, AgreeOnTheAverageDelayBelowSaturation) {
  const std::vector<Load> loads{
      {"mesh", 4, {.rate = 0.001}},
      {"mesh", 4, {.rate = 0.027}},
      {"mesh", 8, {.rate = 0.01}},
      {"mesh", 4, {.pattern = Pattern::transpose, .rate = 0.015}},
      {"mesh", 8, {.pattern = Pattern::transpose, .rate = 0.005}},
      {"mesh", 4, {.pattern = Pattern::hotspot, .rate = 0.015}},
      {"mesh", 8, {.pattern = Pattern::hotspot, .rate = 0.003}},
      {"mesh", 4, {.rate = 0.02}, {.link_cycles = 1}},
      {"mesh", 4, {.rate = 0.04}, {.link_cycles = 1}},
      {"mesh", 4, {.rate = 0.01}, {.buffer = 16}},
      {"mesh", 4, {.rate = 0.01}, {.buffer = 2}},
      {"mesh", 4, {.rate = 0.003, .multicast_share = 0.1}},
      {"mesh", 4, {.rate = 0.006, .multicast_share = 0.1}},
      {"mesh", 4, {.rate = 0.009, .multicast_share = 0.1}},
      {"mesh", 8, {.rate = 0.002, .multicast_share = 0.1}},
      {"h-tree", 4, {.rate = 0.003}},
      {"h-tree", 4, {.rate = 0.006}},
      {"crossbar", 4, {.rate = 0.01}},
      {"crossbar", 4, {.rate = 0.025}},
  };
  for (const Load& load : loads) {
    const Topology topology = make_topology(load.kind, load.side, load.side);
    const NocMeasure flits = at_flit_level(topology, load.parameters, load.traffic);
    const NocMeasure reserved = at_transaction_level(topology, load.parameters, load.traffic);
    const double head = reserved.head.average / flits.head.average - 1;
    const double tail = reserved.tail.average / flits.tail.average - 1;
    fmt::print(
        "{} {} rate {:.3f} buffer {} link {} multicasts {:.0f} %: {:.2f} and {:.2f} cycles, {:+.2f} %; last "
        "flit "
        "{:.2f} and {:.2f}, {:+.2f} %\n",
        topology.name, name_of(load.traffic.pattern), load.traffic.rate, load.parameters.buffer,
        load.parameters.link_cycles, 100 * load.traffic.multicast_share, flits.head.average,
        reserved.head.average, 100 * head, flits.tail.average, reserved.tail.average, 100 * tail);
    EXPECT_FALSE(flits.saturated());
    EXPECT_LT(std::abs(head), 0.05);
    EXPECT_LT(std::abs(tail), 0.05);
    EXPECT_EQ(flits.offered, reserved.offered);
  }
}

// The same packets in pairs far apart, or one after the other: then the levels have no reason to differ at
// all.
TEST(Levels, AreEqualForPacketsThatMeetOneAtATime) {
  std::vector<Packet> packets;
  for (int i = 0; i < 400; ++i) {
    const auto source = static_cast<NodeId>(i * 7 % 16), destination = static_cast<NodeId>((i * 5 + 3) % 16);
    if (source != destination) packets.push_back({source, {destination}, i % 13 + 1, 40 * (i / 2) + i % 2});
  }
  Network network(make_mesh(4, 4), {});
  LinkReservation reservation(make_mesh(4, 4), {});
  const NocMeasure flits = measure(network, offer_packets(packets), 100'000, 0);
  const NocMeasure reserved = measure(reservation, offer_packets(packets), 100'000, 0);
  EXPECT_EQ(flits.delivered, static_cast<std::int64_t>(packets.size()));
  EXPECT_EQ(flits.head.average, reserved.head.average);
  EXPECT_EQ(flits.tail.average, reserved.tail.average);
  EXPECT_EQ(flits.cycles, reserved.cycles);
  EXPECT_EQ(flits.counters.buffer_writes, reserved.counters.buffer_writes);
  EXPECT_EQ(flits.counters.buffer_reads, reserved.counters.buffer_reads);
  EXPECT_EQ(flits.counters.crossings, reserved.counters.crossings);
  EXPECT_EQ(flits.counters.routes, reserved.counters.routes);
}

#ifndef __SANITIZE_ADDRESS__
TEST(Mesh, Of8x8Takes20kCyclesInAFifthOfASecond) {
  const std::clock_t start = std::clock();
  Network network(make_mesh(8, 8), {});
  const NocMeasure measured = measure(network, offer_pattern({.rate = 0.01}, 8, 8), 20'000, warmup);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  fmt::print("{} flits through {} crossbars in {:.3f} s of CPU\n", measured.ejected,
             measured.counters.crossings, seconds);
  EXPECT_LT(seconds, 0.2);
}
#endif

}  // namespace
}  // namespace basil
