// A textbook loosely-timed memory, which waits in b_transport, behind Eyeriss' pins.
#define SC_INCLUDE_DYNAMIC_PROCESSES  // of simple_target_socket

#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/systemc/cycle_time.h"
#include "testbenches/examples/one_pass.h"

namespace {

using basil::Bytes;
using basil::Cycles;
using sc_core::SC_NS;
using sc_core::sc_time;

// Knows nothing of Basil.
struct TextbookMemory : sc_core::sc_module {
  tlm_utils::simple_target_socket<TextbookMemory> socket;
  std::vector<unsigned char> bytes = std::vector<unsigned char>(4 * basil::examples::region_bytes);

  explicit TextbookMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &TextbookMemory::b_transport);
  }

  void b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    if (address + payload.get_data_length() > bytes.size()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    wait(delay + sc_time(200, SC_NS));
    delay = sc_core::SC_ZERO_TIME;
    if (payload.is_read()) {
      std::memcpy(payload.get_data_ptr(), &bytes[address], payload.get_data_length());
    } else {
      std::memcpy(&bytes[address], payload.get_data_ptr(), payload.get_data_length());
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

// What Basil asks of whoever binds one.
class Bound final : public basil::OffChip {
 public:
  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(memory_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return basil::examples::region_bytes * static_cast<std::uint64_t>(index);
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return basil::to_cycles(sc_time(200, SC_NS)) * basil::examples::payloads(bytes);
  }
  void quiesce() override {}
  [[nodiscard]] basil::MemoryProtocol protocol() const override {
    return {.call = basil::MemoryProtocol::Call::waits,
            .payloads = basil::Payloads::of(Bytes(basil::examples::payload_bytes))};
  }

 private:
  TextbookMemory memory_{"textbook"};
};

}  // namespace

int main() {
  basil::Options options;
  options.memory = [] { return std::make_unique<Bound>(); };
  const basil::Description eyeriss = basil::load_accelerator("eyeriss");
  const basil::LayerResult layer =
      basil::simulate(basil::examples::one_pass(), eyeriss, options).layers.at(0);
  // 200 ns are 40 cycles at 200 MHz. Weights and ifmap have a thread each, which this memory serves side by
  // side; a thread sends its next payload when the one before is complete. The ofmap follows the pass.
  const std::int64_t weights = basil::examples::payloads(layer.dram_weights),
                     ifmap = basil::examples::payloads(layer.dram_ifmap),
                     ofmap = basil::examples::payloads(layer.dram_ofmap);
  return basil::examples::compare(layer, 40 * (std::max(weights, ifmap) + ofmap),
                                  fmt::format("40 x (max({}, {}) + {})", weights, ifmap, ofmap));
}
