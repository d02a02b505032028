#include "memory/noc/traffic.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/error.h"

namespace basil {
namespace {

TEST(Traffic, OffersItsRateInTheOrderOfTheCycles) {
  const PacketStream stream = offer_pattern({.rate = 0.05, .flits = 3, .seed = 7}, 4, 4);
  std::int64_t packets = 0, last = 0;
  for (auto packet = stream(); packet->born < 100'000; packet = stream(), ++packets) {
    EXPECT_GE(packet->born, last);
    EXPECT_NE(packet->destinations.at(0), packet->source);
    EXPECT_EQ(packet->flits, 3);
    last = packet->born;
  }
  // 80,000 expected; 6 standard deviations of a binomial are 1,660.
  EXPECT_NEAR(static_cast<double>(packets), 80'000, 1'660);
}

TEST(Traffic, TransposeMirrorsAndTheDiagonalIsSilent) {
  const PacketStream stream = offer_pattern({.pattern = Pattern::transpose, .rate = 1}, 3, 3);
  for (int i = 0; i < 100; ++i) {
    const auto packet = stream();
    EXPECT_EQ(packet->destinations.at(0), packet->source % 3 * 3 + packet->source / 3);
    EXPECT_NE(packet->destinations.at(0), packet->source);
  }
}

TEST(Traffic, AHotspotTakesItsShare) {
  const PacketStream stream =
      offer_pattern({.pattern = Pattern::hotspot, .rate = 1, .hotspot_share = 0.4}, 4, 4);
  int hot = 0;
  constexpr int packets = 32'000;
  for (int i = 0; i < packets; ++i) hot += stream()->destinations.at(0) == 10 ? 1 : 0;
  // 15 of 16 nodes: 0.4 + 0.6 / 15.
  EXPECT_NEAR(static_cast<double>(hot) / packets, 15.0 / 16 * (0.4 + 0.6 / 15), 0.02);
}

TEST(Traffic, RefusesTheImpossible) {
  EXPECT_THROW((void)offer_pattern({.rate = 0}, 4, 4), Error);
  EXPECT_THROW((void)offer_pattern({.rate = 1.5}, 4, 4), Error);
  EXPECT_THROW((void)offer_pattern({.rate = std::nan("")}, 4, 4), Error);
  EXPECT_THROW((void)offer_pattern({.flits = 0}, 4, 4), Error);
  EXPECT_THROW((void)offer_pattern({.hotspot_share = 2}, 4, 4), Error);
  EXPECT_THROW((void)offer_pattern({.pattern = Pattern::transpose}, 4, 3), Error);
  EXPECT_THROW((void)parse_pattern("tornado", "--pattern"), Error);
}

class PacketFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::string complaint(const std::string& text) const {
    std::ofstream(file_) << text;
    try {
      (void)read_packets(file_, 16);
    } catch (const Error& error) { return std::string(error.what()).substr(file_.size()); }
    return "none";
  }
  void TearDown() override { std::filesystem::remove(file_); }

  std::string file_ =
      (std::filesystem::temp_directory_path() / ("basil-packets-" + std::to_string(getpid()))).string();
};

TEST_F(PacketFile, IsReadLineByLine) {
  std::ofstream(file_) << "# two packets\n0 1 2 8\n\n12 3 0,5,15 4  # a multicast\n";
  const std::vector<Packet> packets = read_packets(file_, 16);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[1].born, 12);
  EXPECT_EQ(packets[1].source, 3);
  EXPECT_EQ(packets[1].destinations, (std::vector<NodeId>{0, 5, 15}));
  EXPECT_EQ(packets[1].flits, 4);
}

TEST_F(PacketFile, SaysWhereItIsWrong) {
  EXPECT_EQ(complaint(""), ": no packet, expected CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS a line");
  EXPECT_EQ(complaint("0 1 2\n"), ":1: '0 1 2', expected CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS");
  EXPECT_EQ(complaint("0 1 2 8\n0 1 16 8\n"), ":2: '16', expected a node, 0 to 15");
  EXPECT_EQ(complaint("0 1 2,,3 8\n"), ":1: '', expected a node, 0 to 15");
  EXPECT_EQ(complaint("0 1 -2 8\n"), ":1: '-2', expected a node, 0 to 15");
  EXPECT_EQ(complaint("5 1 2 8\n4 1 2 8\n"),
            ":2: cycle 4 after cycle 5, expected packets in the order of their cycles");
  EXPECT_NE(complaint("0 1 1 8\n").find(":1: NoC packet: destination 1 from node 1"), std::string::npos);
  EXPECT_NE(complaint("0 1 2 0\n").find(":1: NoC packet: 0 flits"), std::string::npos);
  EXPECT_THROW((void)read_packets("/nowhere/packets.txt", 16), Error);
}

}  // namespace
}  // namespace basil
