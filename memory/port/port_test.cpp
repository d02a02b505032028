// Initiators and targets of the base protocol: what a target from outside may rely on.
#include "memory/port/port.h"

#include <gtest/gtest.h>
#include <tlm_utils/passthrough_target_socket.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "core/systemc/kernel.h"
#include "memory/noc/multicast_bus.h"
#include "memory/off_chip/chip_link.h"
#include "memory/off_chip/dram.h"

namespace basil {
namespace {

// A memory as in any textbook: copies, takes 10 ns a payload, waits if it is told to.
struct Textbook : sc_core::sc_module {
  tlm_utils::passthrough_target_socket<Textbook> socket;
  std::vector<unsigned char> bytes = std::vector<unsigned char>(1 << 20, 7);
  std::vector<unsigned> lengths;
  bool waits = false, throws = false, refuses = false;

  explicit Textbook(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Textbook::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (throws) throw std::runtime_error("the memory is broken");
    payload.set_response_status(refuses ? tlm::TLM_COMMAND_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(payload.get_byte_enable_ptr(), nullptr);
    EXPECT_FALSE(payload.is_dmi_allowed());
    EXPECT_EQ(payload.get_streaming_width(), payload.get_data_length());
    EXPECT_EQ(payload.get_extension<TimingOnly>(), nullptr);
    lengths.push_back(payload.get_data_length());
    unsigned char* here = &bytes.at(payload.get_address());
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), here, payload.get_data_length());
    if (payload.is_write()) std::memcpy(here, payload.get_data_ptr(), payload.get_data_length());
    delay += sc_core::sc_time(10, sc_core::SC_NS);
    if (!waits) return;
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
};

TEST(Port, GivesATextbookMemoryDataInBurstsOfABound) {
  Textbook memory("memory");
  MemoryPort port("port"), lines("lines", StreamKind::dram, Payloads::of(Bytes(64)));
  port.socket.bind(memory.socket);
  Textbook other("other");
  lines.socket.bind(other.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(port.read(0, Bytes(200'000), Cycles(5)), Cycles(5 + 4 * 10));  // one after the other
  EXPECT_EQ(memory.lengths, (std::vector<unsigned>{65536, 65536, 65536, 200'000 - 3 * 65536}));
  EXPECT_EQ(lines.write(40, Bytes(100), Cycles(0)), Cycles(3 * 10));
  EXPECT_EQ(other.lengths, (std::vector<unsigned>{24, 64, 12}));  // up to 64, up to 128, the rest
  EXPECT_EQ(other.bytes[39], 7);
  EXPECT_EQ(other.bytes[40], 0);
  EXPECT_EQ(other.bytes[140], 7);
  EXPECT_THROW((void)Payloads::of(Bytes(48)), Error);
  EXPECT_THROW((void)Payloads::of(Bytes(1 << 17)), Error);
}

TEST(Port, OutlivesATargetThatThrowsOrRefuses) {
  Textbook memory("memory");
  MemoryPort port("port");
  port.socket.bind(memory.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  memory.throws = true;
  EXPECT_THROW((void)port.read(0, Bytes(64), Cycles(0)), std::runtime_error);
  memory.throws = false;
  memory.refuses = true;
  try {
    (void)port.read(0x40, Bytes(64), Cycles(0));
    ADD_FAILURE();
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("port: read of 64 bytes at 0x40"), std::string::npos)
        << failure.what();
  }
  memory.refuses = false;
  EXPECT_EQ(port.read(0, Bytes(64), Cycles(0)), Cycles(10));
}

// At 200 MHz 10 ns are 2 cycles, and a thread that asks is that much older afterwards.
struct Asking : sc_core::sc_module {
  MemoryPort port{"port"};
  std::vector<Cycles> took, ended;
  explicit Asking(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Asking);
    SC_THREAD(ask);
    set_stack_size(64 * 1024);
  }
  void ask() {
    for (const std::int64_t start : {0, 3}) {
      took.push_back(port.read(0, Bytes(64), Cycles(start)));
      ended.push_back(now());
    }
  }
};

TEST(Port, CountsRealTimeInCyclesOfTheMachine) {
  set_core_clock(200'000);
  Textbook memory("memory");
  memory.waits = true;
  Asking asking("asking");
  asking.port.socket.bind(memory.socket);
  sc_core::sc_start();
  EXPECT_EQ(asking.took, (std::vector<Cycles>{Cycles(2), Cycles(3 + 2)}));
  EXPECT_EQ(asking.ended, (std::vector<Cycles>{Cycles(2), Cycles(2 + 3 + 2)}));
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(7 * 5, sc_core::SC_NS));
}

// Reservations by time: 64 B on 64 bits are 8 link clocks of 1 cycle.
TEST(Reservations, OfAnEarlyCycleDoNotWaitForLateOnes) {
  const LinkParameters pins{.bits = 64, .link_khz = 1'000'000, .core_khz = 1'000'000};
  ChipLink link("link", pins);
  Dram dram("dram", {.bits = 64, .link_khz = 1'000'000, .core_khz = 1'000'000});
  MulticastBus bus("bus", {.bits = 64, .cols = 1});
  Textbook behind_link("behind_link"), behind_bus("behind_bus");
  MemoryPort to_link("to_link"), to_dram("to_dram"), to_bus("to_bus");
  to_link.socket.bind(link.from_chip);
  link.to_memory.bind(behind_link.socket);
  to_dram.socket.bind(dram.socket);
  to_bus.socket.bind(bus.from_array);
  bus.to_buffer.bind(behind_bus.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (MemoryPort* port : {&to_link, &to_bus}) {
    EXPECT_EQ(port->read(0, Bytes(160), Cycles(100'000)), Cycles(100'000 + 20));  // 20 beats
    EXPECT_EQ(port->read(0, Bytes(160), Cycles(0)), Cycles(20));
    EXPECT_EQ(port->read(0, Bytes(160), Cycles(0)), Cycles(40));
  }
  const std::int64_t miss = 6, latency = 10;
  EXPECT_EQ(to_dram.read(0, Bytes(160), Cycles(100'000)), Cycles(100'000 + miss + latency + 20));
  EXPECT_EQ(to_dram.read(0, Bytes(160), Cycles(0)), Cycles(latency + 20));
}

}  // namespace
}  // namespace basil
