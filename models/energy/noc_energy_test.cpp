#include "models/energy/noc_energy.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/error.h"

namespace basil {
namespace {

NocMeasure lone_packet(const Topology& topology, const Packet& packet) {
  Network network(topology, {});
  return measure(network, offer_packets({packet}), 1000, 0);
}

// 8 flits of 64 bit over 3 links of 1.5 mm: 4 routers write, read and cross each flit, each routes one head.
TEST(NocEnergy, OfALonePacketIsCountedByHand) {
  const Technology technology = Technology::load("45nm");
  const Topology mesh = make_mesh(4, 4);
  const auto parts =
      noc_energy(lone_packet(mesh, {0, {3}, 8, 0}), mesh, {}, {.flit_bits = 64, .pitch_mm = 1.5}, technology);
  const double bits = 8 * 64;
  const auto pj = [&](const char* row) { return technology.row(row).pj; };
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_NEAR(parts[0].pj.value,
              4 * bits *
                  (pj("noc_buffer_write_per_bit") + pj("noc_buffer_read_per_bit") +
                   2 * 4 * pj("noc_buffer_place_per_bit")),
              1e-9);
  EXPECT_NEAR(parts[1].pj.value, 4 * bits * pj("noc_crossbar_per_bit"), 1e-9);
  EXPECT_NEAR(parts[2].pj.value, 4 * pj("noc_route"), 1e-9);
  EXPECT_NEAR(parts[3].pj.value, 3 * bits * 1.5 * pj("bus_per_bit_mm"), 1e-9);
  double sum = 0;
  for (const NocEnergyPart& part : parts) {
    EXPECT_LE(part.low, part.pj) << part.name;
    EXPECT_LE(part.pj, part.high) << part.name;
    sum += part.pj.value;
  }
  EXPECT_EQ(total_of(parts).value, sum);
}

// A tree multicast to a whole row costs what its longest way costs, and a crossing and an exit more for each
// copy.
TEST(NocEnergy, OfAMulticastCountsEachLinkOnce) {
  const Topology mesh = make_mesh(4, 1);
  const Technology technology = Technology::load("45nm");
  const auto tree = noc_energy(lone_packet(mesh, {0, {1, 2, 3}, 4, 0}), mesh, {}, {}, technology);
  const auto line = noc_energy(lone_packet(mesh, {0, {3}, 4, 0}), mesh, {}, {}, technology);
  EXPECT_EQ(tree[0].pj, line[0].pj);
  EXPECT_NEAR(tree[1].pj.value, line[1].pj.value * 6 / 4, 1e-9);
  EXPECT_EQ(tree[2].pj, line[2].pj);
  EXPECT_EQ(tree[3].pj, line[3].pj);
}

// From one corner of a 4x4 grid to the other the H-tree's wires are as long as the mesh's: 1 pitch a node to
// its quarter, 2 a quarter to the middle, and the same again.
TEST(NocEnergy, OfAnHTreeCountsItsWires) {
  const Topology tree = make_h_tree(4, 4);
  const Technology technology = Technology::load("45nm");
  const auto parts = noc_energy(lone_packet(tree, {0, {15}, 2, 0}), tree, {}, {}, technology);
  EXPECT_NEAR(parts[3].pj.value, 2 * 64 * (1 + 2 + 2 + 1) * technology.row("bus_per_bit_mm").pj, 1e-9);
  EXPECT_NEAR(parts[2].pj.value, 3 * technology.row("noc_route").pj, 1e-9);
}

// What a bit costs in a router, and with 1 mm of link, beside three sources that have nothing to do with the
// rows' (Noxim). A 4x4 mesh chip at 45 nm and 1.1 V (DAC 2012) passes a bit on for 0.16 pJ a router, clock
// and link included. ISAAC's router takes 20.74 pJ for 256 bits at 32 nm: / 0.531 at 45 nm (Stillmaker and
// Baas). BookSim's wire of 1.069 pF a mm, half of its bits switching at 0.9 V, is 0.216 pJ a bit and mm;
// Park's low-swing link on silicon 0.0404.
TEST(NocEnergy, OfARouterStandsBesideOtherSources) {
  const Technology technology = Technology::load("45nm");
  const auto pj = [&](const char* row) { return technology.row(row).pj; };
  constexpr int depth = 4, flit = 64, packet = 8;
  const double router = pj("noc_buffer_write_per_bit") + pj("noc_buffer_read_per_bit") +
                        2 * depth * pj("noc_buffer_place_per_bit") + pj("noc_crossbar_per_bit") +
                        pj("noc_route") / (flit * packet);
  const double link = pj("bus_per_bit_mm"), isaac = 20.74 / 256 / 0.531, chip = 0.16;
  const double booksim = 0.5 * 0.5 * 1.069 * 0.9 * 0.9, park = 0.0404;
  std::printf(
      "a bit through a router: ours %.3f, ISAAC %.3f pJ; with 1 mm of link: ours %.3f, chip %.3f pJ; 1 mm: "
      "ours "
      "%.3f, BookSim %.3f, low swing %.3f pJ\n",
      router, isaac, router + link, chip, link, booksim, park);
  EXPECT_GT(router, isaac / 2);
  EXPECT_LT(router, isaac * 2);
  EXPECT_NEAR((router + link) / chip, 1, 0.25);
  EXPECT_GT(link, park);
  EXPECT_LT(link, booksim);
}

TEST(NocEnergy, RefusesImpossibleWires) {
  const Topology mesh = make_mesh(2, 2);
  const Technology technology = Technology::load("65nm");
  const NocMeasure measured = lone_packet(mesh, {0, {3}, 1, 0});
  EXPECT_THROW((void)noc_energy(measured, mesh, {}, {.flit_bits = 0}, technology), Error);
  EXPECT_THROW((void)noc_energy(measured, mesh, {}, {.pitch_mm = 0}, technology), Error);
}

}  // namespace
}  // namespace basil
