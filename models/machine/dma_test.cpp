// A DMA's transfers by hand: when each end is through, and what the later one makes of it.
#include "models/machine/dma.h"

#include <gtest/gtest.h>
#include <tlm_utils/passthrough_target_socket.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "core/systemc/cycle_time.h"
#include "memory/buffer/buffer.h"
#include "memory/off_chip/dram.h"
#include "memory/port/extensions.h"

namespace basil {
namespace {

// Banks of 64 bits, word i in bank i mod 4, and a port of the array's beside the DMA.
class Dmas : public ::testing::Test {
 protected:
  template <class Memory>
  void elaborate(Memory& memory, const MemoryProtocol& protocol) {
    quiet_systemc();
    dma = std::make_unique<Dma>("dma", guard, protocol);
    dma->dram.socket.bind(memory.socket);
    for (MemoryPort* port : {&dma->fmaps, &dma->filters, &dma->accumulators, &array})
      port->socket.bind(buffer.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void load(Bytes in_dram, Bytes on_chip, Cycles start, Cycles peak = Cycles(0)) {
    move({0, in_dram, on_chip, start, peak, false});
  }
  void move(const Dma::Block& block) {
    dma->move(block, dma->fmaps, [this](const Dma::Moved& ended) {
      moved.push_back(ended);
      told.push_back(now());
    });
  }

  ProcessGuard guard;
  Buffer buffer{"buffer",
                {.bytes = Bytes(1 << 16), .banks = 4, .port_bits = 64, .layout = BankLayout::interleaved}};
  MemoryPort array{"array", StreamKind::activations, Payloads::timing_only()};
  std::unique_ptr<Dma> dma;
  std::vector<Dma::Moved> moved;
  std::vector<Cycles> told;
};

void expect(const Dma::Moved& moved, Cycles asked, Cycles dram, Cycles ended, Cycles done) {
  EXPECT_EQ(moved.asked, asked);
  EXPECT_EQ(moved.dram, dram);
  EXPECT_EQ(moved.ended, ended);
  EXPECT_EQ(moved.done, done);
}

constexpr MemoryProtocol reserving{.call = MemoryProtocol::Call::reserves,
                                   .payloads = Payloads::timing_only()};

// Takes 6 + 10 cycles to open a row and answer, and moves 32 bytes a cycle.
class DmasOnDram : public Dmas {
 protected:
  void SetUp() override { elaborate(dram, reserving); }

  Dram dram{"dram",
            {.bits = 256,
             .link_khz = 1'000'000,
             .core_khz = 1'000'000,
             .latency = Cycles(10),
             .row_miss = Cycles(6),
             .row = Bytes(2048),
             .banks = 8}};
};

TEST_F(DmasOnDram, ALoadEndsWithDramWhereThatIsTheLaterEnd) {
  load(Bytes(800), Bytes(80), Cycles(3));
  const Cycles dram_through(3 + 6 + 10 + 800 / 32);
  expect(moved.at(0), Cycles(3), dram_through, dram_through, dram_through);
  EXPECT_EQ(buffer.counters().written, Bytes(80));
  EXPECT_EQ(buffer.counters().read, Bytes(0));
  EXPECT_EQ(dma->dram.moved(), Bytes(800));
  // 640 bits in 41 cycles come at 16 a cycle, a word of 64 every 4: in cycles 3, 7, 11 ... So bank 1 is the
  // array's in cycle 4, and in cycle 7 it is not.
  EXPECT_EQ(array.read(8, Bytes(8), Cycles(4)), Cycles(4 + 1));
  EXPECT_EQ(array.read(8, Bytes(8), Cycles(7)), Cycles(7 + 1 + 1));
}

TEST_F(DmasOnDram, AndWithTheBufferWhereItIsNot) {
  load(Bytes(800), Bytes(8000), Cycles(3));
  const Cycles words(3 + 8000 / 8);  // a port wide, whatever comes
  expect(moved.at(0), Cycles(3), Cycles(3 + 6 + 10 + 25), words, words);
}

TEST_F(DmasOnDram, AStoreReadsTheBufferAndWritesDram) {
  move({4096, Bytes(64), Bytes(640), Cycles(0), Cycles(0), true});  // a store
  expect(moved.at(0), Cycles(0), Cycles(6 + 10 + 2), Cycles(640 / 8), Cycles(640 / 8));
  EXPECT_EQ(buffer.counters().read, Bytes(640));
  EXPECT_EQ(buffer.counters().written, Bytes(0));
  EXPECT_EQ(dram.counters().written, Bytes(64));
}

TEST_F(DmasOnDram, WhatComesFromNoDramTakesTheBuffersTime) {
  load(Bytes(0), Bytes(80), Cycles(5));
  expect(moved.at(0), Cycles(5), Cycles(5), Cycles(5 + 10), Cycles(5 + 10));
}

// Behind a network, which it says took 7 cycles of the 40.
struct BehindANetwork : sc_core::sc_module {
  tlm_utils::passthrough_target_socket<BehindANetwork> socket;
  explicit BehindANetwork(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &BehindANetwork::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    NetworkShare* share = nullptr;
    payload.get_extension(share);
    ASSERT_NE(share, nullptr);
    share->late = Cycles(7);
    delay += to_time(Cycles(40));
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

TEST_F(Dmas, TellTheNetworksShareApart) {
  BehindANetwork memory("memory");
  elaborate(memory, reserving);
  load(Bytes(64), Bytes(64), Cycles(2));
  expect(moved.at(0), Cycles(2), Cycles(2 + 40 - 7), Cycles(2 + 40 - 7), Cycles(2 + 40));
  EXPECT_FALSE(dma->waits());
}

// Waits 40 ns a payload.
struct Waiting : sc_core::sc_module {
  tlm_utils::passthrough_target_socket<Waiting> socket;
  bool throws = false;
  explicit Waiting(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Waiting::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (throws) throw std::runtime_error("the memory is broken");
    sc_core::wait(delay + sc_core::sc_time(40, sc_core::SC_NS));
    delay = sc_core::SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

// Each has a thread, so that two wait side by side; the buffer's time is taken when they are asked for.
TEST_F(Dmas, HaveAThreadATransferWhereTheMemoryWaits) {
  Waiting memory("memory");
  elaborate(memory, {});
  EXPECT_TRUE(dma->waits());
  load(Bytes(130), Bytes(80), Cycles(5), Cycles(100));
  load(Bytes(64), Bytes(800), Cycles(9), Cycles(10));
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(dma->known_until(), Cycles(5));
  start_and_rethrow(guard);
  ASSERT_EQ(moved.size(), 2U);
  // 640 bits over the memory's 100 cycles at peak are 7 a cycle, a word every 9: ten words, 9 x 9 + 1 cycles.
  expect(moved[0], Cycles(5), Cycles(5 + 40), Cycles(5 + 82), Cycles(5 + 82));
  // A word a cycle, but in cycle 14 its bank 1 is the first one's.
  expect(moved[1], Cycles(9), Cycles(9 + 40), Cycles(9 + 100 + 1), Cycles(9 + 100 + 1));
  EXPECT_EQ(told, (std::vector<Cycles>{Cycles(5 + 40), Cycles(9 + 40)}));
  EXPECT_GT(dma->known_until(), Cycles(1'000'000'000));
}

TEST_F(Dmas, PassOnWhatAWaitingMemoryThrows) {
  Waiting memory("memory");
  memory.throws = true;
  elaborate(memory, {});
  load(Bytes(64), Bytes(64), Cycles(0));
  EXPECT_THROW(start_and_rethrow(guard), std::runtime_error);
  EXPECT_TRUE(moved.empty());
}

}  // namespace
}  // namespace basil
