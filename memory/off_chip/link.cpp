// The memory `link`: a latency and a bandwidth with open rows, energy by the technology's table.
#include "memory/off_chip/memory_type.h"

namespace basil {
namespace {

class LinkMemory final : public PinnedMemory {
 public:
  explicit LinkMemory(const DramParameters& parameters) : dram_("dram", parameters) {}

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(dram_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return static_cast<std::uint64_t>(index) << 40;  // it holds any address
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override { return dram_.transfer_time(bytes); }
  void quiesce() override { dram_.quiesce(); }
  [[nodiscard]] MemoryProtocol protocol() const override {
    return {.call = MemoryProtocol::Call::reserves, .payloads = Payloads::timing_only()};
  }
  [[nodiscard]] DramCounters counters() const override { return dram_.counters(); }

 private:
  Dram dram_;
};

}  // namespace

const MemoryType link_memory{
    .name = "link",
    .summary = "a latency and a bandwidth with open rows, energy by the technology's table",
    .make = [](const MemoryParameters& parameters) -> std::unique_ptr<PinnedMemory> {
      return std::make_unique<LinkMemory>(parameters.dram);
    },
};

}  // namespace basil
