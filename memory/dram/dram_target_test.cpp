// The DRAM behind its TLM-2.0 socket, by both transports.
#include "memory/dram/dram_target.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <set>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "core/systemc/kernel.h"
#include "memory/dram/protocol_checker.h"
#include "memory/dram/test_device.h"
#include "memory/port/port.h"

namespace basil {
namespace {

// A core cycle is a DRAM clock: 1 GHz.
DramDevice gigahertz_device() {
  DramDevice device = ddr4_for_tests();
  device.timing.tCK_ps = 1000;
  return device;
}
constexpr std::int64_t gigahertz = 1'000'000;

const DramTiming t = gigahertz_device().timing;
constexpr std::int64_t burst = 4;

void expect_legal(DramTarget& target) {
  for (DramChannel& channel : target.memory().channels()) {
    EXPECT_FALSE(channel.log().empty());
    for (const DramViolation& violation : check_protocol(target.device(), channel.log(), 3))
      ADD_FAILURE() << violation.text;
  }
}

// --- b_transport

TEST(DramTarget, AnnotatesTheTimeOfATransferAndNeverWaits) {
  DramTarget target("dram", gigahertz_device(), gigahertz);
  MemoryPort port("port");
  port.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  target.memory().channels()[0].keep_log();
  EXPECT_EQ(port.read(0, Bytes(16), Cycles(0)), Cycles(t.tRCD + t.CL + burst));
  EXPECT_EQ(port.read(64, Bytes(16), Cycles(1000)), Cycles(1000 + t.CL + burst));
  // 64 bursts of the open row, all of one bank.
  EXPECT_EQ(port.read(0, Bytes(1024), Cycles(2000)), Cycles(2000 + 63 * t.tCCD_L + t.CL + burst));
  // Asked for earlier than what is reserved already: the READ comes a column after the first.
  EXPECT_EQ(port.read(0, Bytes(16), Cycles(0)), Cycles(t.tRCD + t.tCCD_L + t.CL + burst));
  EXPECT_EQ(port.write(0, Bytes(16), Cycles(3000)), Cycles(3000 + t.CWL + burst));
  // Three bytes that lie in two bursts.
  EXPECT_EQ(port.read(15, Bytes(3), Cycles(4000)), Cycles(4000 + t.tCCD_L + t.CL + burst));
  EXPECT_EQ(port.read(0, Bytes(0), Cycles(5000)), Cycles(5000));
  EXPECT_EQ(target.traffic().read, Bytes(16 + 16 + 1024 + 16 + 3));
  EXPECT_EQ(target.traffic().written, Bytes(16));
  EXPECT_EQ(target.activity(Cycles(10'000)).reads, 1 + 1 + 64 + 1 + 2);
  EXPECT_EQ(now(), Cycles(0));
  expect_legal(target);
}

// Two DMAs at once, 64 bursts each of one row in a bank of its own: their requests come in turns, FR-FCFS has
// both rows open, and the two end together, each half as fast as the bus allows; one transfer after the other
// would have ended the first at half the time.
struct Reader : sc_core::sc_module {
  MemoryPort port{"port"};
  std::uint64_t address;
  Cycles took;
  Reader(const sc_core::sc_module_name& name, std::uint64_t from) : sc_module(name), address(from) {
    SC_HAS_PROCESS(Reader);
    SC_THREAD(read);
    set_stack_size(64 * 1024);
  }
  void read() { took = port.read(address, Bytes(1024), Cycles(0)); }
};

TEST(DramTarget, ServesThreadsSideBySide) {
  DramTarget target("dram", gigahertz_device(), gigahertz);
  Reader first("first", target.memory().map().address({.group = 0, .row = 1})),
      second("second", target.memory().map().address({.group = 1, .bank = 4, .row = 1}));
  first.port.socket.bind(target.socket);
  second.port.socket.bind(target.socket);
  target.keep_log();
  sc_core::sc_start();
  const Cycles least(t.tRCD + t.CL + 128 * burst);
  EXPECT_GE(std::max(first.took, second.took), least);
  EXPECT_LE(std::max(first.took, second.took), least + Cycles(40));
  EXPECT_GE(std::min(first.took, second.took), least - Cycles(40));
  expect_legal(target);
}

// 5000 ps a cycle, 830 ps a clock: what ends within a cycle is there at its end.
TEST(DramTarget, RoundsUpFromItsClocksToCoreCycles) {
  DramTarget target("dram", ddr4_for_tests(), 200'000);
  MemoryPort port("port");
  port.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(port.read(0, Bytes(16), Cycles(0)), Cycles(ceil_div(38 * 830, 5000)));
  const std::int64_t asked = ceil_div(1000 * 5000, 830);
  EXPECT_EQ(port.read(0, Bytes(16), Cycles(1000)), Cycles(ceil_div((asked + 21) * 830, 5000)));
  EXPECT_EQ(target.transfer_time(Bytes(1600)), Cycles(ceil_div(100 * 4 * 830, 5000)));
}

TEST(DramTarget, StartsAnewWhenQuiesced) {
  DramTarget target("dram", gigahertz_device(), gigahertz);
  MemoryPort port("port");
  port.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  port.read(0, Bytes(64), Cycles(0));
  sc_core::sc_start(777, sc_core::SC_NS);
  target.quiesce();
  EXPECT_EQ(port.read(0, Bytes(16), Cycles(0)), Cycles(t.tRCD + t.CL + burst));
  EXPECT_EQ(target.activity(now() + Cycles(100)).activates, 1);
  EXPECT_EQ(target.traffic().read, Bytes(16));
}

TEST(DramTarget, RefusesWhatItCannotServe) {
  DramTarget target("dram", gigahertz_device(), gigahertz);
  MemoryPort port("port");
  port.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  const auto capacity = static_cast<std::uint64_t>(target.device().organisation.capacity().value);
  EXPECT_THROW(port.read(capacity, Bytes(1), Cycles(0)), Failure);
  EXPECT_THROW(port.read(capacity - 1, Bytes(2), Cycles(0)), Failure);
  EXPECT_THROW(port.write(~std::uint64_t{0}, Bytes(16), Cycles(0)), Failure);
  unsigned char enables = 0xFF;
  unsigned char data[16];
  tlm::tlm_generic_payload payload;
  sc_core::sc_time delay;
  payload.set_read();
  payload.set_data_ptr(data);
  payload.set_data_length(16);
  payload.set_streaming_width(8);
  port.socket->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
  payload.set_streaming_width(16);
  payload.set_byte_enable_ptr(&enables);
  port.socket->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

// --- nb_transport

// Sends a list of transactions as fast as the target takes them, each not before its time, and answers
// responses after a random while. Holds the target to the base protocol.
struct AtInitiator : sc_core::sc_module {
  struct Item {
    std::uint64_t address = 0;
    bool write = false;
    unsigned length = 16;
    std::int64_t not_before = 0;
    std::int64_t began = -1, entered = -1, answered = -1;  // cycles
  };

  tlm_utils::simple_initiator_socket<AtInitiator> socket;
  std::vector<Item> items;
  std::function<int()> pause = [] { return 0; };  // cycles until END_RESP
  std::size_t most_outstanding = 0;

  explicit AtInitiator(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_bw(this, &AtInitiator::nb_transport_bw);
    SC_HAS_PROCESS(AtInitiator);
    SC_METHOD(send);
    sensitive << send_now;
    SC_METHOD(finish_response);
    sensitive << response_read;
    dont_initialize();
  }

  void send() {
    if (request_out || next == items.size()) return;
    Item& item = items[next];
    if (now().value < item.not_before) {
      send_now.notify(to_time(Cycles(item.not_before)) - sc_core::sc_time_stamp());
      return;
    }
    auto payload = std::make_unique<tlm::tlm_generic_payload>();
    payload->set_command(item.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload->set_address(item.address);
    payload->set_data_ptr(data);
    payload->set_data_length(item.length);
    payload->set_streaming_width(item.length);
    item.began = now().value;
    request_out = payload.get();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    payloads.push_back(std::move(payload));
    ASSERT_EQ(socket->nb_transport_fw(*request_out, phase, delay), tlm::TLM_ACCEPTED);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      EXPECT_EQ(request_out, &payload);
      items[next++].entered = now().value;
      request_out = nullptr;
      outstanding.insert(&payload);
      most_outstanding = std::max(most_outstanding, outstanding.size());
      send_now.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    EXPECT_EQ(response, nullptr) << "a second response before END_RESP";
    EXPECT_EQ(outstanding.erase(&payload), 1U) << "a response without a request";
    EXPECT_TRUE(payload.is_response_ok());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      if (payloads[i].get() == &payload) items[i].answered = now().value;
    }
    const int wait = pause();
    if (wait == 0) {
      phase = tlm::END_RESP;
      return tlm::TLM_UPDATED;
    }
    response = &payload;
    response_read.notify(to_time(Cycles(wait)));
    return tlm::TLM_ACCEPTED;
  }

  void finish_response() {
    tlm::tlm_generic_payload* payload = response;
    response = nullptr;
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay;
    EXPECT_EQ(socket->nb_transport_fw(*payload, phase, delay), tlm::TLM_COMPLETED);
  }

  sc_core::sc_event send_now, response_read;
  tlm::tlm_generic_payload *request_out = nullptr, *response = nullptr;
  std::size_t next = 0;
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads;
  std::set<tlm::tlm_generic_payload*> outstanding;
  unsigned char data[4096]{};
};

TEST(DramTarget, PassesTheFourPhasesAtTheirTimes) {
  DramTarget target("dram", gigahertz_device(), gigahertz);
  AtInitiator initiator("initiator");
  initiator.socket.bind(target.socket);
  initiator.items = {{.address = 0, .not_before = 10},
                     {.address = 64, .not_before = 10},
                     {.address = 0, .length = 48, .not_before = 500}};
  target.memory().channels()[0].keep_log();
  sc_core::sc_start();
  const std::int64_t first = 10 + t.tRCD + t.CL + burst;
  EXPECT_EQ(initiator.items[0].entered, 10);
  EXPECT_EQ(initiator.items[0].answered, first);
  EXPECT_EQ(initiator.items[1].entered, 10);
  EXPECT_EQ(initiator.items[1].answered, first + t.tCCD_L);
  EXPECT_EQ(initiator.items[2].answered, 500 + 2 * t.tCCD_L + t.CL + burst);
  expect_legal(target);
}

// With places for four reads, the fifth waits until the first is served.
TEST(DramTarget, AFullQueueHoldsTheRequestPhase) {
  DramDevice device = gigahertz_device();
  device.policy.read_queue = 4;
  DramTarget target("dram", device, gigahertz);
  AtInitiator initiator("initiator");
  initiator.socket.bind(target.socket);
  for (std::uint64_t i = 0; i < 6; ++i) initiator.items.push_back({.address = i * 32});
  sc_core::sc_start();
  EXPECT_EQ(initiator.items[3].entered, 0);
  EXPECT_EQ(initiator.items[4].entered, t.tRCD + 1);  // the clock after its READ
  EXPECT_EQ(initiator.items[5].entered, t.tRCD + t.tCCD_L + 1);
}

// Two initiators, random lengths, times and answers: everything is answered once, no rule is broken.
TEST(DramTarget, ServesManyOutstandingUnderBackPressure) {
  DramDevice device = ddr4_for_tests();
  device.policy.refresh = true;
  device.organisation.channels = 2;
  DramTarget target("dram", device, 300'000);
  AtInitiator a("a"), b("b");
  a.socket.bind(target.socket);
  b.socket.bind(target.socket);
  std::mt19937_64 random(5);
  for (AtInitiator* initiator : {&a, &b}) {
    std::int64_t clock = 0;
    for (int i = 0; i < 3000; ++i) {
      initiator->items.push_back(
          {.address = random() % (1 << 22),
           .write = random() % 3 == 0,
           .length = static_cast<unsigned>(1 + random() % (random() % 20 == 0 ? 2048 : 64)),
           .not_before = clock});
      clock += static_cast<std::int64_t>(random() % 12);
    }
    initiator->pause = [&random] { return static_cast<int>(random() % 6); };
  }
  for (DramChannel& channel : target.memory().channels()) channel.keep_log();
  sc_core::sc_start();
  for (const AtInitiator* initiator : {&a, &b}) {
    EXPECT_TRUE(initiator->outstanding.empty());
    EXPECT_GT(initiator->most_outstanding, 8U);
    for (const AtInitiator::Item& item : initiator->items) {
      ASSERT_LE(item.began, item.entered);
      ASSERT_LT(item.entered, item.answered);
    }
  }
  expect_legal(target);
  target.quiesce();  // nothing is outstanding
}

}  // namespace
}  // namespace basil
