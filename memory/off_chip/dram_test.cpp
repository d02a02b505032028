// Off-chip memory by bandwidth: what a row, a latency and a link add up to.
#include "memory/off_chip/dram.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/systemc/kernel.h"
#include "memory/port/port.h"

namespace basil {
namespace {

constexpr int latency = 10, miss = 6, bytes_a_cycle = 32, row = 2048;

class LinkDram : public ::testing::Test {
 protected:
  void elaborate(int banks) {
    quiet_systemc();
    dram = std::make_unique<Dram>("dram", DramParameters{.bits = 8 * bytes_a_cycle,
                                                         .link_khz = 200'000,
                                                         .core_khz = 200'000,
                                                         .latency = Cycles(latency),
                                                         .row_miss = Cycles(miss),
                                                         .row = Bytes(row),
                                                         .banks = banks});
    port.socket.bind(dram->socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  // Cycles of a read when nothing else is on the link.
  std::int64_t read(std::uint64_t address, std::int64_t bytes) {
    start += 10'000;
    return port.read(address, Bytes(bytes), Cycles(start)).value - start;
  }

  MemoryPort port{"port"};
  std::unique_ptr<Dram> dram;
  std::int64_t start = 0;
};

TEST_F(LinkDram, OpensARowOnceForAllThatItHolds) {
  elaborate(8);
  EXPECT_EQ(read(0, 64), miss + latency + 64 / bytes_a_cycle);
  EXPECT_EQ(read(row - 64, 64), latency + 64 / bytes_a_cycle) << "the same row";
  EXPECT_EQ(read(row, 64), miss + latency + 64 / bytes_a_cycle) << "the next bank's";
  EXPECT_EQ(read(0, 64), latency + 64 / bytes_a_cycle) << "still open";
  EXPECT_EQ(read(8 * row, 64), miss + latency + 64 / bytes_a_cycle) << "in the place of the first";
  EXPECT_EQ(read(0, 64), miss + latency + 64 / bytes_a_cycle);
  EXPECT_EQ(dram->counters().activations, 4);
}

TEST_F(LinkDram, OpensLaterRowsUnderTheTransfer) {
  elaborate(8);
  EXPECT_EQ(read(0, 3 * row), miss + latency + 3 * row / bytes_a_cycle);
  EXPECT_EQ(dram->counters().activations, 3);
  EXPECT_EQ(read(2 * row, 2 * row), latency + 2 * row / bytes_a_cycle) << "its first row is open";
  EXPECT_EQ(dram->counters().activations, 3 + 1);
}

TEST_F(LinkDram, OpensRowsOfOneBankOneAfterTheOther) {
  elaborate(1);
  EXPECT_EQ(read(0, 3 * row), 3 * miss + latency + 3 * row / bytes_a_cycle);
  EXPECT_EQ(dram->counters().activations, 3);
}

TEST_F(LinkDram, CountsWhatIsReadAndWrittenUntilItIsQuiesced) {
  elaborate(8);
  (void)port.read(0, Bytes(64), Cycles(0));
  (void)port.write(0, Bytes(160), Cycles(0));
  EXPECT_EQ(dram->counters().read, Bytes(64));
  EXPECT_EQ(dram->counters().written, Bytes(160));
  EXPECT_EQ(dram->counters().busy, Cycles((64 + 160) / bytes_a_cycle));
  dram->quiesce();
  EXPECT_EQ(dram->counters().read + dram->counters().written, Bytes(0));
  EXPECT_EQ(dram->counters().activations, 0);
  EXPECT_EQ(read(0, 64), miss + latency + 64 / bytes_a_cycle) << "rows are closed";
}

}  // namespace
}  // namespace basil
