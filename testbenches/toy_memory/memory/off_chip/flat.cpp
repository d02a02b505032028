// A toy memory, whole: every transfer waits so many cycles, whatever its address, and then has the pins.
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <systemc>

#include "core/systemc/cycle_time.h"
#include "memory/calendar.h"
#include "memory/off_chip/memory_type.h"

namespace basil {
namespace {

class Flat : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Flat> socket;

  Flat(const sc_core::sc_module_name& name, const DramParameters& pins, Cycles access)
      : sc_module(name), socket("socket"), pins_(pins), access_(access) {
    socket.register_b_transport(this, &Flat::b_transport);
  }

  [[nodiscard]] Cycles transfer_time(Bytes bytes) const {
    return Cycles(ceil_div(ceil_div(bytes.value * 8, pins_.bits) * pins_.core_khz, pins_.link_khz));
  }
  [[nodiscard]] const DramCounters& counters() const { return counters_; }
  void quiesce() {
    link_.clear();
    counters_ = {};
  }

 private:
  void b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    const Bytes bytes(payload.get_data_length());
    if (bytes.value == 0 || payload.get_command() == tlm::TLM_IGNORE_COMMAND) return;
    const Cycles asked = cycle_after(delay);
    link_.forget_before(now());
    delay = until(link_.fill(asked + access_, transfer_time(bytes)));
    (payload.is_read() ? counters_.read : counters_.written) += bytes;
  }

  DramParameters pins_;
  Cycles access_;
  Calendar link_;
  DramCounters counters_;
};

class FlatMemory final : public PinnedMemory {
 public:
  explicit FlatMemory(const MemoryParameters& parameters)
      : flat_("flat", parameters.dram, Cycles(parameters.at("access_cycles"))) {}

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(flat_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return static_cast<std::uint64_t>(index) << 40;
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override { return flat_.transfer_time(bytes); }
  void quiesce() override { flat_.quiesce(); }
  [[nodiscard]] MemoryProtocol protocol() const override {
    return {.call = MemoryProtocol::Call::reserves, .payloads = Payloads::timing_only()};
  }
  [[nodiscard]] DramCounters counters() const override { return flat_.counters(); }

 private:
  Flat flat_;
};

constexpr IntegerKey keys[] = {{.name = "access_cycles",
                                .min = 0,
                                .max = 1'000'000,
                                .otherwise = 10,
                                .meaning = "before every transfer"}};

}  // namespace

extern const MemoryType flat_memory;
const MemoryType flat_memory{
    .name = "flat",
    .summary = "a toy: every transfer waits access_cycles, whatever its address",
    .keys = keys,
    .make = [](const MemoryParameters& parameters) -> std::unique_ptr<PinnedMemory> {
      return std::make_unique<FlatMemory>(parameters);
    },
    .first_data = [](const MemoryParameters& parameters) { return Cycles(parameters.at("access_cycles")); },
};

}  // namespace basil
