#include "memory/off_chip/burst_bridge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <vector>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "core/systemc/kernel.h"
#include "memory/port/port.h"

namespace basil {
namespace {

enum class Manner { four_phases, response_at_once, completes };

// Answers a payload `latency` cycles after it came, in order; ends a request after `accept`. Holds the bridge
// to the base protocol.
struct Target : sc_core::sc_module, tlm::tlm_fw_transport_if<> {
  tlm::tlm_target_socket<> socket;
  Manner manner = Manner::four_phases;
  std::int64_t accept = 3, latency = 20;
  bool throws = false, refuses = false;
  std::size_t most = 0, served = 0, ends = 0;

  explicit Target(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.bind(*this);
    SC_HAS_PROCESS(Target);
    SC_METHOD(end_request);
    sensitive << accepted;
    dont_initialize();
    SC_METHOD(respond);
    sensitive << ready;
    dont_initialize();
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (throws) throw std::runtime_error("the memory is broken");
    if (phase == tlm::END_RESP) {
      ++ends;
      return tlm::TLM_COMPLETED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_EQ(entering, nullptr) << "BEGIN_REQ before the END_REQ of another";
    ++served;
    payload.set_response_status(refuses ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
    if (manner != Manner::four_phases) {
      delay = until(now() + Cycles(latency));
      phase = tlm::BEGIN_RESP;
      return manner == Manner::completes ? tlm::TLM_COMPLETED : tlm::TLM_UPDATED;
    }
    payload.acquire();
    entering = &payload;
    under_way.push_back({&payload, now() + Cycles(latency)});
    most = std::max(most, under_way.size());
    accepted.notify(until(now() + Cycles(accept)));
    if (under_way.size() == 1) ready.notify(until(under_way.front().due));
    return tlm::TLM_ACCEPTED;
  }
  void end_request() {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    tlm::tlm_generic_payload& payload = *entering;
    entering = nullptr;
    socket->nb_transport_bw(payload, phase, delay);
  }
  void respond() {
    tlm::tlm_generic_payload& payload = *under_way.front().payload;
    under_way.pop_front();
    if (entering == &payload) entering = nullptr;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
    payload.release();
    if (!under_way.empty()) ready.notify(until(under_way.front().due));
  }
  void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override { ADD_FAILURE(); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  struct Answer {
    tlm::tlm_generic_payload* payload;
    Cycles due;
  };
  tlm::tlm_generic_payload* entering = nullptr;
  std::deque<Answer> under_way;
  sc_core::sc_event accepted, ready;
};

// Two threads with a transfer each.
struct Askers : sc_core::sc_module {
  MemoryPort port{"port", StreamKind::dram, Payloads::timing_only()};
  ProcessGuard& guard;
  std::vector<Cycles> took;
  explicit Askers(const sc_core::sc_module_name& name, ProcessGuard& keeper)
      : sc_module(name), guard(keeper) {
    SC_HAS_PROCESS(Askers);
    SC_THREAD(read);
    SC_THREAD(write);
  }
  void read() {
    guard([&] { took.push_back(port.read(0, Bytes(5 * 64), Cycles(0))); });
  }
  void write() {
    guard([&] { took.push_back(port.write(4096, Bytes(5 * 64), Cycles(0))); });
  }
};

struct Bench {
  MemoryProtocol protocol{
      .call = MemoryProtocol::Call::four_phase, .payloads = Payloads::of(Bytes(64)), .outstanding = 4};
  ProcessGuard guard;
  Target target{"target"};
  BurstBridge bridge{"bridge", protocol};
  Askers askers{"askers", guard};
  Bench() {
    askers.port.socket.bind(bridge.from_chip);
    bridge.to_memory.bind(target.socket);
  }
  void run() { start_and_rethrow(guard); }
};

// Ten payloads through four places of 20 cycles each, entering 3 cycles apart: at 0 3 6 9, 20 23 26 29, 40
// 43. The last two answers are a transfer's each or one's: both are complete by 63, none before 60.
TEST(BurstBridge, KeepsAsManyUnderWayAsTheMemoryTakes) {
  quiet_systemc();
  Bench bench;
  bench.run();
  ASSERT_EQ(bench.askers.took.size(), 2U);
  EXPECT_EQ(bench.askers.took[1], Cycles(40 + 3 + 20));
  EXPECT_EQ(bench.target.most, 4U);
  EXPECT_EQ(bench.target.served, 10U);
}
// A response with the request: nothing else is asked for before END_RESP is sent.
TEST(BurstBridge, TakesAResponseWithTheRequest) {
  Bench bench;
  bench.target.manner = Manner::response_at_once;
  bench.run();
  EXPECT_EQ(bench.target.ends, 10U);
  EXPECT_EQ(bench.askers.took[1], Cycles(10 * 20));
}
TEST(BurstBridge, TakesACompletion) {
  Bench bench;
  bench.target.manner = Manner::completes;
  bench.run();
  EXPECT_EQ(bench.target.ends, 0U);
  EXPECT_EQ(bench.askers.took[1], Cycles(10 * 20));
}
TEST(BurstBridge, PassesOnWhatTheMemoryThrows) {
  quiet_systemc();
  Bench bench;
  bench.target.throws = true;
  EXPECT_THROW(bench.run(), std::runtime_error);
}
TEST(BurstBridge, MakesAFailureOfAnErrorResponse) {
  quiet_systemc();
  Bench bench;
  bench.target.refuses = true;
  EXPECT_THROW(bench.run(), Failure);
}
TEST(BurstBridge, RefusesWhatIsNoProtocol) {
  MemoryProtocol protocol{.call = MemoryProtocol::Call::four_phase, .outstanding = 0};
  EXPECT_THROW(BurstBridge("none", protocol), Error);
  protocol.outstanding = 1;
  protocol.payloads = Payloads::timing_only();
  EXPECT_THROW(BurstBridge("whole", protocol), Error);
}

}  // namespace
}  // namespace basil
