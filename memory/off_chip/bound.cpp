#include "memory/off_chip/bound.h"

#include <algorithm>
#include <utility>

#include "memory/off_chip/burst_bridge.h"
#include "memory/off_chip/chip_link.h"

namespace basil {
namespace {

class BoundMemory final : public PinnedMemory {
 public:
  BoundMemory(const DramParameters& pins, std::unique_ptr<OffChip> memory)
      : memory_(std::move(memory)), link_("link", pins_of(pins)), bridge_("bridge", memory_->protocol()) {
    link_.to_memory.bind(bridge_.from_chip);
    memory_->bind(bridge_.to_memory);
  }

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(link_.from_chip); }
  [[nodiscard]] std::uint64_t region(int index) const override { return memory_->region(index); }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return std::max(link_.transfer_time(bytes), memory_->transfer_time(bytes));
  }
  void quiesce() override {
    link_.quiesce();
    memory_->quiesce();
  }
  [[nodiscard]] MemoryProtocol protocol() const override { return memory_->protocol(); }
  [[nodiscard]] DramCounters counters() const override {
    return {.read = link_.read(), .written = link_.written(), .activations = 0, .busy = Cycles(0)};
  }

 private:
  std::unique_ptr<OffChip> memory_;
  ChipLink link_;
  BurstBridge bridge_;
};

}  // namespace

std::unique_ptr<PinnedMemory> bound_memory(const DramParameters& pins, std::unique_ptr<OffChip> memory) {
  return std::make_unique<BoundMemory>(pins, std::move(memory));
}

}  // namespace basil
