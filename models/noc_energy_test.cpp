#include "models/noc_energy.h"

#include <gtest/gtest.h>

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

TEST(NocEnergy, RefusesImpossibleWires) {
  const Topology mesh = make_mesh(2, 2);
  const Technology technology = Technology::load("65nm");
  const NocMeasure measured = lone_packet(mesh, {0, {3}, 1, 0});
  EXPECT_THROW((void)noc_energy(measured, mesh, {}, {.flit_bits = 0}, technology), Error);
  EXPECT_THROW((void)noc_energy(measured, mesh, {}, {.pitch_mm = 0}, technology), Error);
}

}  // namespace
}  // namespace basil
