// Memories of the user's own behind the chip's pins. What their cycles are is in testbenches/examples.
#include "models/machine/chip_memory.h"

#include <gtest/gtest.h>
#include <tlm_utils/passthrough_target_socket.h>

#include <cstring>
#include <stdexcept>

#include "core/systemc/cycle_time.h"
#include "models/simulate.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

constexpr std::uint64_t region_bytes = 1 << 16;

// Copies, waits 40 ns a payload, or throws at the tenth.
struct Textbook : sc_core::sc_module {
  tlm_utils::passthrough_target_socket<Textbook> socket;
  std::vector<unsigned char> bytes = std::vector<unsigned char>(4 * region_bytes);
  bool throws = false;
  int payloads = 0;

  Textbook(const sc_core::sc_module_name& name, bool thrower)
      : sc_module(name), socket("socket"), throws(thrower) {
    socket.register_b_transport(this, &Textbook::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (++payloads == 10 && throws) throw std::runtime_error("the memory is broken");
    sc_core::wait(delay + sc_core::sc_time(40, sc_core::SC_NS));
    delay = sc_core::SC_ZERO_TIME;
    EXPECT_LE(payload.get_data_length(), 64U);
    unsigned char* here = &bytes.at(payload.get_address());
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), here, payload.get_data_length());
    if (payload.is_write()) std::memcpy(here, payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

class Bound final : public OffChip {
 public:
  explicit Bound(bool throws) : memory_("textbook", throws) {}
  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(memory_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return region_bytes * static_cast<std::uint64_t>(index);
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return to_cycles(sc_core::sc_time(40, sc_core::SC_NS)) * ceil_div(bytes.value, 64);
  }
  void quiesce() override {}

 private:
  Textbook memory_;
};

Trace one_layer() {
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 8, .H = 16, .W = 16, .K = 16, .R = 3, .S = 3};
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {16, 3, 3, 8}, std::vector<std::int16_t>(16 * 9 * 8, 3), {1.0F});
  layer.ifmap =
      encode(&dense_encoding, Dtype::int8, {1, 16, 16, 8}, std::vector<std::int16_t>(16 * 16 * 8, 2), {1.0F});
  Trace trace;
  trace.name = "one";
  trace.layers = {layer, layer};  // the second on a machine that is used
  return trace;
}

Options with_memory(bool throws) {
  Options options;
  options.memory = [throws] { return std::make_unique<Bound>(throws); };
  return options;
}

TEST(BoundMemory, ServesTilesThroughTheirNetwork) {
  const Description machine = load_accelerator("eyeriss", {"tiles=2", "noc.kind=mesh"});
  const Result result = simulate(one_layer(), machine, with_memory(false));
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified);
    EXPECT_EQ(layer.bins.total(), 2 * 168 * layer.cycles.value);
    EXPECT_GT(layer.bins[Bin::dram], 0);
    EXPECT_GT(layer.energy.of("dram").value, 0);
  }
}

TEST(BoundMemory, ServesAClockedArray) {
  Options options = with_memory(false);
  options.fidelity = Fidelity::cycle;
  const Description machine = load_accelerator("eyeriss", {"array.rows=3", "array.cols=4"});
  for (const LayerResult& layer : simulate(one_layer(), machine, options).layers) EXPECT_TRUE(layer.verified);
}

TEST(BoundMemory, ThatThrowsEndsTheRunWithWhatItThrew) {
  EXPECT_THROW((void)simulate(one_layer(), load_accelerator("eyeriss"), with_memory(true)),
               std::runtime_error);
}

}  // namespace
}  // namespace basil
