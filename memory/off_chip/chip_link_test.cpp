// A chip's pins before a memory: the slower of the two ends a transfer, and transfers share the pins.
#include "memory/off_chip/chip_link.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/systemc/kernel.h"
#include "memory/off_chip/dram.h"
#include "memory/port/port.h"

namespace basil {
namespace {

class ChipLinks : public ::testing::Test {
 protected:
  // Behind them a memory that takes 6 + 10 cycles to open a row and answer, and moves 32 bytes a cycle.
  void elaborate(const LinkParameters& parameters) {
    quiet_systemc();
    dram = std::make_unique<Dram>("dram", DramParameters{.bits = 256,
                                                         .link_khz = 200'000,
                                                         .core_khz = 200'000,
                                                         .latency = Cycles(10),
                                                         .row_miss = Cycles(6),
                                                         .row = Bytes(2048),
                                                         .banks = 8});
    link = std::make_unique<ChipLink>("link", parameters);
    for (MemoryPort* port : {&first, &second}) port->socket.bind(link->from_chip);
    link->to_memory.bind(dram->socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  MemoryPort first{"first"}, second{"second"};
  std::unique_ptr<Dram> dram;
  std::unique_ptr<ChipLink> link;
};

TEST_F(ChipLinks, AreTheEndWhereTheyAreSlower) {
  elaborate({.bits = 64, .link_khz = 100'000, .core_khz = 200'000});
  EXPECT_EQ(link->transfer_time(Bytes(800)), Cycles(200));  // 100 link clocks of two cycles
  EXPECT_EQ(first.read(0, Bytes(800), Cycles(7)), Cycles(7 + 200));
}

TEST_F(ChipLinks, AreNotWhereTheMemoryIs) {
  elaborate({.bits = 1024, .link_khz = 200'000, .core_khz = 200'000});
  EXPECT_EQ(link->transfer_time(Bytes(800)), Cycles(7));  // 6.25 link clocks
  EXPECT_EQ(first.read(0, Bytes(800), Cycles(7)), Cycles(7 + 6 + 10 + 25));
}

TEST_F(ChipLinks, CarryOneTransferAfterTheOther) {
  elaborate({.bits = 64, .link_khz = 100'000, .core_khz = 200'000});
  EXPECT_EQ(first.read(0, Bytes(800), Cycles(0)), Cycles(200));
  EXPECT_EQ(second.write(4096, Bytes(400), Cycles(50)), Cycles(200 + 100)) << "asked for under the first";
  EXPECT_EQ(first.read(0, Bytes(80), Cycles(1000)), Cycles(1000 + 20 + 0)) << "the pins are free again";
}

TEST_F(ChipLinks, RoundUpToTheirClockAndThenToTheCores) {
  elaborate({.bits = 64, .link_khz = 60'000, .core_khz = 200'000});
  EXPECT_EQ(link->transfer_time(Bytes(1)), Cycles(4));    // one link clock of 3.33 cycles
  EXPECT_EQ(link->transfer_time(Bytes(9)), Cycles(7));    // two: 6.67
  EXPECT_EQ(link->transfer_time(Bytes(24)), Cycles(10));  // three: 10
}

TEST_F(ChipLinks, QuiesceFreesThem) {
  elaborate({.bits = 64, .link_khz = 100'000, .core_khz = 200'000});
  EXPECT_EQ(first.read(0, Bytes(8000), Cycles(0)), Cycles(2000));
  link->quiesce();
  dram->quiesce();
  EXPECT_EQ(first.read(0, Bytes(800), Cycles(0)), Cycles(200));
}

}  // namespace
}  // namespace basil
