// Buffers behind their sockets: each count is the formula of its causes, whoever asks.
#include "memory/buffer/buffer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/systemc/kernel.h"
#include "memory/noc/multicast_bus.h"
#include "memory/port/port.h"

namespace basil {
namespace {

// A buffer with a port for each kind of stream, and one more for psums.
class Buffers : public ::testing::Test {
 protected:
  void elaborate(const BufferParameters& parameters) {
    quiet_systemc();
    buffer = std::make_unique<Buffer>("buffer", parameters);
    for (MemoryPort* port : {&weights, &activations, &psums, &psums_out, &dram})
      port->socket.bind(buffer->socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  [[nodiscard]] std::int64_t waited(StreamKind kind) const {
    return buffer->counters().conflicts[static_cast<std::size_t>(kind)];
  }

  MemoryPort weights{"weights", StreamKind::weights}, activations{"activations", StreamKind::activations},
      psums{"psums", StreamKind::psums}, psums_out{"psums_out", StreamKind::psums}, dram{"dram"};
  std::unique_ptr<Buffer> buffer;
};

TEST_F(Buffers, AloneATransferTakesItsAccessesOfTheWidth) {
  elaborate({.bytes = Bytes(4096), .banks = 4, .port_bits = 64});
  EXPECT_EQ(weights.read(0, Bytes(801), Cycles(10)), Cycles(10 + 101));  // ceil(801 x 8 / 64)
  EXPECT_EQ(buffer->counters().read_accesses, 101);
  EXPECT_EQ(buffer->counters().read, Bytes(801));
  EXPECT_EQ(waited(StreamKind::weights), 0);
}

TEST_F(Buffers, InterleavedTheSame) {
  elaborate({.bytes = Bytes(4096), .banks = 4, .port_bits = 64, .layout = BankLayout::interleaved});
  EXPECT_EQ(weights.write(0, Bytes(801), Cycles(10)), Cycles(10 + 101));
  EXPECT_EQ(buffer->counters().write_accesses, 101);
}

TEST_F(Buffers, MoreStreamsThanBanksQueue) {
  elaborate({.banks = 2, .port_bits = 64});
  EXPECT_EQ(weights.read(0, Bytes(800), Cycles(0)), Cycles(100));
  EXPECT_EQ(activations.read(0, Bytes(1600), Cycles(0)), Cycles(200));
  EXPECT_EQ(psums.read(0, Bytes(800), Cycles(30)), Cycles(100 + 100));  // the first bank's turn
  EXPECT_EQ(dram.write(0, Bytes(800), Cycles(60)), Cycles(200 + 100));
  EXPECT_EQ(waited(StreamKind::psums), 100 - 30);
  EXPECT_EQ(waited(StreamKind::dram), 200 - 60);
}

TEST_F(Buffers, AWritePortOfItsOwnLetsAWriteBesideARead) {
  elaborate({.banks = 1, .port_bits = 64, .ports = 2});
  EXPECT_EQ(psums.read(0, Bytes(800), Cycles(0)), Cycles(100));
  EXPECT_EQ(psums_out.write(0, Bytes(800), Cycles(0)), Cycles(100));
  EXPECT_EQ(activations.read(0, Bytes(800), Cycles(0)), Cycles(200));
}

TEST_F(Buffers, InterleavedStreamsMeetOnceWhereTheyStartTogether) {
  elaborate({.banks = 4, .port_bits = 64, .layout = BankLayout::interleaved});
  EXPECT_EQ(activations.read(0, Bytes(8000), Cycles(0)), Cycles(1000));
  EXPECT_EQ(psums.read(0, Bytes(8000), Cycles(0)), Cycles(1000 + 1));
  EXPECT_EQ(psums_out.write(0, Bytes(8000), Cycles(0)), Cycles(1000 + 2));
  EXPECT_EQ(dram.write(8, Bytes(8000), Cycles(0)), Cycles(1000)) << "from bank 1 on, always ahead";
  EXPECT_EQ(waited(StreamKind::psums), 1 + 2);
  EXPECT_EQ(waited(StreamKind::dram), 0);
}

TEST_F(Buffers, UrgentStreamsGoFirst) {
  elaborate(
      {.banks = 1, .port_bits = 64, .layout = BankLayout::interleaved, .arbitration = Arbitration::priority});
  EXPECT_EQ(dram.write(0, Bytes(800), Cycles(0)), Cycles(100));
  EXPECT_EQ(activations.read(0, Bytes(400), Cycles(0)), Cycles(50)) << "before DRAM's";
  EXPECT_EQ(waited(StreamKind::dram), 50);
  EXPECT_EQ(psums.read(0, Bytes(80), Cycles(0)), Cycles(50 + 10)) << "after the activations, before DRAM's";
  EXPECT_EQ(waited(StreamKind::psums), 50);
  EXPECT_EQ(waited(StreamKind::dram), 60);
}

TEST_F(Buffers, HalvesKeepArrayAndDramApart) {
  elaborate({.banks = 2, .port_bits = 64, .doubled = true});
  EXPECT_EQ(weights.read(0, Bytes(800), Cycles(0)), Cycles(100));
  EXPECT_EQ(dram.write(0, Bytes(800), Cycles(0)), Cycles(100));
  // Each half has one bank.
  EXPECT_EQ(weights.read(0, Bytes(800), Cycles(0)), Cycles(200));
  EXPECT_EQ(dram.write(0, Bytes(800), Cycles(0)), Cycles(200));
}

TEST_F(Buffers, QuiesceForgetsReservationsAndCounts) {
  elaborate({.banks = 1, .port_bits = 64, .layout = BankLayout::interleaved});
  weights.read(0, Bytes(800), Cycles(0));
  activations.read(0, Bytes(800), Cycles(0));
  EXPECT_EQ(waited(StreamKind::activations), 100);
  buffer->quiesce();
  EXPECT_EQ(waited(StreamKind::activations), 0);
  EXPECT_EQ(buffer->counters().read_accesses, 0);
  EXPECT_EQ(activations.read(0, Bytes(800), Cycles(0)), Cycles(100));
}

// A buffer behind buses: they set the pace of its banks.
TEST(BufferBehindABus, NarrowBusesLeaveBanksFree) {
  quiet_systemc();
  Buffer buffer("buffer", {.banks = 1, .port_bits = 64, .layout = BankLayout::interleaved});
  MulticastBus narrow("narrow", {.bits = 16}), wide("wide", {.bits = 64});
  MemoryPort ifmap("ifmap", StreamKind::activations), psum("psum", StreamKind::psums);
  ifmap.socket.bind(narrow.from_array);
  psum.socket.bind(wide.from_array);
  narrow.to_buffer.bind(buffer.socket);
  wide.to_buffer.bind(buffer.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(ifmap.read(0, Bytes(800), Cycles(0)), Cycles(400));  // the bus: 800 x 8 / 16
  // Every fourth cycle of the bank is the ifmap's: 3 of 4 are left for 90 accesses, which begin with a wait.
  EXPECT_EQ(psum.read(0, Bytes(720), Cycles(0)), Cycles(90 / 3 * 4));
  EXPECT_EQ(buffer.counters().conflicts[static_cast<std::size_t>(StreamKind::psums)], 90 / 3);
}

TEST(BufferBehindABus, AWideBusTakesSeveralBanksAtOnce) {
  quiet_systemc();
  Buffer buffer("buffer", {.banks = 8, .port_bits = 64, .layout = BankLayout::interleaved});
  MulticastBus bus("bus", {.bits = 256});
  MemoryPort port("port", StreamKind::weights);
  port.socket.bind(bus.from_array);
  bus.to_buffer.bind(buffer.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(port.read(0, Bytes(3200), Cycles(0)), Cycles(3200 * 8 / 256));
}

}  // namespace
}  // namespace basil
