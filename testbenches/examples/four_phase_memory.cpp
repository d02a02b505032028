// An approximately-timed memory, four phases a payload, behind Eyeriss' pins.
#include <algorithm>
#include <deque>
#include <systemc>
#include <tlm>

#include "core/systemc/cycle_time.h"
#include "testbenches/examples/one_pass.h"

namespace {

using basil::Bytes;
using basil::Cycles;
using sc_core::SC_NS;
using sc_core::sc_time;

// Knows nothing of Basil. Takes a payload each 150 ns and answers it 500 ns after it came; many are under
// way.
struct PipelinedMemory : sc_core::sc_module, tlm::tlm_fw_transport_if<> {
  tlm::tlm_target_socket<> socket;

  explicit PipelinedMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.bind(*this);
    SC_HAS_PROCESS(PipelinedMemory);
    SC_METHOD(end_request);
    sensitive << accepted;
    dont_initialize();
    SC_METHOD(respond);
    sensitive << ready;
    dont_initialize();
  }

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time& /*delay*/) override {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;  // END_RESP
    payload.acquire();
    entering = &payload;
    under_way.push_back({&payload, sc_core::sc_time_stamp() + sc_time(500, SC_NS)});
    accepted.notify(sc_time(150, SC_NS));
    if (under_way.size() == 1) ready.notify(sc_time(500, SC_NS));
    return tlm::TLM_ACCEPTED;
  }
  void end_request() {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*entering, phase, delay);
  }
  void respond() {
    tlm::tlm_generic_payload& payload = *under_way.front().payload;
    under_way.pop_front();
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(payload, phase, delay);
    payload.release();
    if (!under_way.empty()) ready.notify(under_way.front().due - sc_core::sc_time_stamp());
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_time& /*delay*/) override {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_dmi& /*dmi*/) override {
    return false;
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& /*payload*/) override { return 0; }

  struct Answer {
    tlm::tlm_generic_payload* payload;
    sc_time due;
  };
  tlm::tlm_generic_payload* entering = nullptr;
  std::deque<Answer> under_way;
  sc_core::sc_event accepted, ready;
};

// What Basil asks of whoever binds one.
class Bound final : public basil::OffChip {
 public:
  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(memory_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return basil::examples::region_bytes * static_cast<std::uint64_t>(index);
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return basil::to_cycles(sc_time(150, SC_NS)) * basil::examples::payloads(bytes);
  }
  void quiesce() override {}
  [[nodiscard]] basil::MemoryProtocol protocol() const override {
    return {.call = basil::MemoryProtocol::Call::four_phase,
            .payloads = basil::Payloads::of(Bytes(basil::examples::payload_bytes)),
            .outstanding = 8};
  }

 private:
  PipelinedMemory memory_{"pipelined"};
};

}  // namespace

int main() {
  basil::Options options;
  options.memory = [] { return std::make_unique<Bound>(); };
  const basil::Description eyeriss = basil::load_accelerator("eyeriss");
  const basil::LayerResult layer =
      basil::simulate(basil::examples::one_pass(), eyeriss, options).layers.at(0);
  // 150 ns are 30 cycles at 200 MHz, 500 ns are 100. Weights and ifmap take turns at the memory's one port:
  // the last of all their payloads enters after the others and is answered 100 cycles later; then the ofmap.
  const std::int64_t in =
      basil::examples::payloads(layer.dram_weights) + basil::examples::payloads(layer.dram_ifmap);
  const std::int64_t out = basil::examples::payloads(layer.dram_ofmap);
  return basil::examples::compare(layer, 30 * (in - 1) + 100 + 30 * (out - 1) + 100,
                                  fmt::format("30 x ({} - 1) + 100 + 30 x ({} - 1) + 100", in, out));
}
