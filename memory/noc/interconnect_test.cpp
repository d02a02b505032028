#include "memory/noc/interconnect.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

namespace basil {
namespace {

constexpr NocParameters pipelined{.vcs = 1, .buffer = 8, .link_cycles = 1};

std::vector<Packet> transfer(NodeId from, std::vector<NodeId> to, int flits, std::int64_t born) {
  std::vector<Packet> packets;
  for (int left = flits; left > 0; left -= 8) packets.push_back({from, to, std::min(left, 8), born});
  return packets;
}

// 3 routers of 2 cycles, and a cycle a flit.
TEST(Interconnect, CarriesALoneTransferAsLongAsTheFormulaSays) {
  for (const auto level : {Interconnect::Level::transaction, Interconnect::Level::flit}) {
    Interconnect network(make_mesh(3, 1), pipelined, level);
    EXPECT_EQ(network.carry(transfer(0, {2}, 24, 100), 100, 90), 100 + 3 * 2 + 24);
    EXPECT_EQ(network.activity().packets, 3);
    EXPECT_EQ(network.activity().routers.crossings, 3 * 24);
    EXPECT_EQ(network.busiest_link(), 24);
    EXPECT_EQ(network.carry({}, 130, 120), 130);
    network.reset();
    EXPECT_EQ(network.busiest_link(), 0);
  }
}

TEST(Interconnect, FlitsThatAreUnderWayDelayThoseThatCome) {
  Interconnect network(make_mesh(3, 1), pipelined, Interconnect::Level::flit);
  EXPECT_EQ(network.carry(transfer(0, {2}, 24, 100), 100, 100), 130);
  EXPECT_EQ(network.carry(transfer(0, {1}, 8, 104), 104, 104), 100 + 24 + 2 * 2 + 8);
  // Long after, nothing is left of them but their counts.
  EXPECT_EQ(network.carry(transfer(0, {2}, 8, 500), 500, 500), 500 + 6 + 8);
  EXPECT_EQ(network.activity().packets, 5);
  EXPECT_EQ(network.busiest_link(), 24 + 8 + 8);
}

// Who watches his packets sees them arrive when carry() says that they will.
TEST(Interconnect, WatchedPacketsArriveAsCarriedOnesDo) {
  const std::vector<Packet> packets = transfer(0, {1, 2}, 40, 100);
  Interconnect carried(make_mesh(3, 1), pipelined, Interconnect::Level::flit);
  Interconnect watched(make_mesh(3, 1), pipelined, Interconnect::Level::flit);
  const std::int64_t end = carried.carry(packets, 100, 100);
  std::vector<std::uint64_t> numbers;
  for (const Packet& packet : packets) numbers.push_back(watched.send(packet, 100));
  watched.advance(end - 1);
  EXPECT_FALSE(watched.arrival(numbers.back()).has_value())
      << "the last flit arrives in the cycle that follows";
  watched.advance(end);
  EXPECT_EQ(watched.arrival(numbers.back()), end);
  EXPECT_FALSE(watched.arrival(numbers.back()).has_value()) << "told once";
  EXPECT_LT(watched.arrival(numbers.front()), end);
  EXPECT_EQ(watched.activity().packets, carried.activity().packets);
  EXPECT_EQ(watched.activity().routers.crossings, carried.activity().routers.crossings);
  EXPECT_EQ(watched.busiest_link(), carried.busiest_link());
}

struct Asked {
  std::vector<Packet> packets;
  std::int64_t born;
};

// Transfers from a corner to some nodes and back, as a machine's passes ask for them: a few at a time.
std::vector<Asked> some_transfers(const Topology& topology) {
  std::vector<Asked> asked;
  std::int64_t born = 0;
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) {
    born += *rc::gen::inRange(0, 60);
    std::vector<NodeId> nodes;
    for (int node = 1; node < topology.nodes(); ++node) {
      if (*rc::gen::inRange(0, 4) == 0) nodes.push_back(static_cast<NodeId>(node));
    }
    if (nodes.empty()) nodes.push_back(static_cast<NodeId>(topology.nodes() - 1));
    const int flits = *rc::gen::inRange(1, 64);
    const bool back = *rc::gen::arbitrary<bool>();
    asked.push_back({back ? transfer(nodes[0], {0}, flits, born) : transfer(0, nodes, flits, born), born});
  }
  return asked;
}

RC_GTEST_PROP(Interconnect, BothLevelsCarryEveryFlitOverTheSameLinks, ()) {
  const Topology topology = make_topology(*rc::gen::element<std::string>("mesh", "h-tree", "crossbar"),
                                          *rc::gen::inRange(2, 5), *rc::gen::inRange(2, 5));
  Interconnect reserving(topology, pipelined, Interconnect::Level::transaction);
  Interconnect moving(topology, pipelined, Interconnect::Level::flit);
  for (const Asked& transfer : some_transfers(topology)) {
    const std::int64_t fast = reserving.carry(transfer.packets, transfer.born, transfer.born);
    const std::int64_t flits = moving.carry(transfer.packets, transfer.born, transfer.born);
    RC_ASSERT(fast > transfer.born);
    RC_ASSERT(flits > transfer.born);
  }
  RC_ASSERT(reserving.busiest_link() == moving.busiest_link());
  RC_ASSERT(reserving.activity().packets == moving.activity().packets);
  RC_ASSERT(reserving.activity().routers.crossings == moving.activity().routers.crossings);
  RC_ASSERT(std::abs(reserving.activity().flit_pitches - moving.activity().flit_pitches) < 1e-6);
}

// How long a machine's transfers take at either level, in the mean over many.
TEST(Interconnect, TheLevelsDisagreeByLessThanAFewPercent) {
  double fast = 0, flits = 0;
  const bool held = rc::check("sums of durations", [&] {
    const Topology topology = make_mesh(4, 4);
    Interconnect reserving(topology, pipelined, Interconnect::Level::transaction);
    Interconnect moving(topology, pipelined, Interconnect::Level::flit);
    for (const Asked& transfer : some_transfers(topology)) {
      fast += static_cast<double>(reserving.carry(transfer.packets, transfer.born, transfer.born) -
                                  transfer.born);
      flits +=
          static_cast<double>(moving.carry(transfer.packets, transfer.born, transfer.born) - transfer.born);
    }
  });
  ASSERT_TRUE(held);
  const double off = fast / flits - 1;
  RecordProperty("percent_off", std::to_string(100 * off));
  EXPECT_LT(std::abs(off), 0.05) << "transaction " << fast << ", flits " << flits;
}

}  // namespace
}  // namespace basil
