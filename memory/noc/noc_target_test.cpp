#include "memory/noc/noc_target.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/error.h"
#include "core/systemc/kernel.h"
#include "memory/buffer/buffer.h"

namespace basil {
namespace {

// Two arrays and a buffer so fast that the network decides, around a 4x4 mesh.
class Arrays : public ::testing::Test {
 protected:
  void elaborate(NocEnds ends, Interconnect::Level level = Interconnect::Level::transaction) {
    quiet_systemc();
    network = std::make_unique<Interconnect>(make_mesh(4, 4), NocParameters(), level);
    end = std::make_unique<NocTarget>("network", *network, std::move(ends));
    first.socket.bind(end->from_array);
    second.socket.bind(end->from_array);
    end->to_memory.bind(buffer.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  MemoryPort first{"first"}, second{"second"};
  Buffer buffer{"buffer", {.bytes = Bytes(1 << 20), .banks = 64, .port_bits = 1 << 20}};
  std::unique_ptr<Interconnect> network;
  std::unique_ptr<NocTarget> end;
};

TEST_F(Arrays, ATransferEndsWithItsLastFlit) {
  elaborate({.arrays = {{15}, {3}}});
  // 64 bytes are 8 flits: 7 routers of 2 cycles, 7 flits behind the head, and the cycle in which the last one
  // moves.
  EXPECT_EQ(first.read(0, Bytes(64), Cycles(10)), Cycles(10 + 7 * 2 + 7 * 2 + 1));
  EXPECT_EQ(network->activity().packets, 1);
  EXPECT_EQ(network->activity().flit_pitches, 6 * 8);
}

TEST_F(Arrays, WaitForEachOtherOnTheLinksTheyShare) {
  elaborate({.arrays = {{15}, {3}}});
  const Cycles alone(4 * 2 + 7 * 2 + 1);
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(100)), Cycles(100) + alone);
  EXPECT_EQ(first.read(0, Bytes(64), Cycles(200)), Cycles(200 + 7 * 2 + 7 * 2 + 1));
  // Both ways begin at node 0: the second packet's head follows the first's 8 flits of 2 cycles.
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(200)), Cycles(200 + 8 * 2) + alone);
  // The way back is another link.
  EXPECT_EQ(second.write(0, Bytes(64), Cycles(200)), Cycles(200) + alone);
}

TEST_F(Arrays, AMulticastUsesEachLinkOnce) {
  elaborate({.arrays = {{0, 1, 2, 3, 4, 5, 6, 7}, {3}}, .pes_a_node = 2});
  // 8 PEs are on nodes 0 to 3; node 0 is the memory's own. 4 flits fit a buffer: one piece.
  EXPECT_EQ(first.read(0, Bytes(32), Cycles(0), 8), Cycles(4 * 2 + 3 * 2 + 1));
  EXPECT_EQ(network->activity().packets, 1);
  EXPECT_EQ(network->activity().flit_pitches, 3 * 4);
  EXPECT_EQ(network->activity().routers.crossings, 6 * 4);
}

TEST_F(Arrays, SinglePEsTakeTheirNodesInTurn) {
  elaborate({.arrays = {{1, 4}, {0}}});
  (void)first.read(0, Bytes(128), Cycles(0));
  EXPECT_EQ(network->activity().packets, 2);
  EXPECT_EQ(network->activity().flit_pitches, 8 + 8);
  // The memory's own node needs no network.
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(5)), Cycles(6));
  network->reset();
  EXPECT_EQ(network->activity().packets, 0);
  EXPECT_EQ(network->busiest_link(), 0);
}

TEST_F(Arrays, ManyPEsTakeTheirNodesInTurnToo) {
  elaborate({.arrays = {{0, 1, 2, 3, 4, 5, 6, 7}, {3}}, .pes_a_node = 2});
  // 2 packets to 8 PEs each: nodes 0 to 3, then 4 to 7, where a row leads south first.
  EXPECT_EQ(first.read(0, Bytes(128), Cycles(0), 8), Cycles(16 * 2 + 4 * 2 + 4 * 2 + 1 - 8));
}

TEST_F(Arrays, LearnWhatTheNetworkAddedToTheMemory) {
  elaborate({.arrays = {{15}, {0}}});
  const Cycles carried = first.read(0, Bytes(64), Cycles(0));
  EXPECT_EQ(first.network_late(), carried - Cycles(1));  // the buffer needs one cycle
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(0)), Cycles(1));
  EXPECT_EQ(second.network_late(), Cycles(0));
}

TEST_F(Arrays, WaitForEachOtherAtFlitLevelToo) {
  elaborate({.arrays = {{15}, {3}}}, Interconnect::Level::flit);
  const Cycles alone(4 * 2 + 7 * 2 + 1);
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(100)), Cycles(100) + alone);
  EXPECT_EQ(first.read(0, Bytes(64), Cycles(200)), Cycles(200 + 7 * 2 + 7 * 2 + 1));
  EXPECT_EQ(second.read(0, Bytes(64), Cycles(200)), Cycles(200 + 8 * 2) + alone);
  EXPECT_EQ(second.write(0, Bytes(64), Cycles(200)), Cycles(200) + alone);
  EXPECT_EQ(network->activity().packets, 4);
  EXPECT_EQ(network->activity().flit_pitches, 8 * (3 + 6 + 3 + 3));
}

TEST(NocTarget, RefusesNodesThatAreNotThere) {
  quiet_systemc();
  Interconnect network(make_mesh(4, 4), {}, Interconnect::Level::transaction);
  EXPECT_THROW(NocTarget("a", network, {.memory = 16}), Error);
  EXPECT_THROW(NocTarget("b", network, {.arrays = {{}}}), Error);
  EXPECT_THROW(NocTarget("c", network, {.arrays = {{16}}}), Error);
  EXPECT_THROW(NocTarget("d", network, {.flit_bits = 0}), Error);
  EXPECT_THROW(Interconnect(make_mesh(4, 4), {.vcs = 2}, Interconnect::Level::transaction), Error);
}

}  // namespace
}  // namespace basil
