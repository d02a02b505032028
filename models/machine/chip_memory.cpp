#include "models/machine/chip_memory.h"

#include <optional>

#include "core/systemc/cycle_time.h"
#include "memory/dram/dram_target.h"
#include "memory/off_chip/burst_bridge.h"
#include "memory/off_chip/chip_link.h"
#include "models/waveform/dram_signals.h"

namespace basil {
namespace {

inline constexpr std::uint64_t regions = 4;
inline constexpr MemoryProtocol on_chip_protocol{.call = MemoryProtocol::Call::reserves,
                                                 .payloads = Payloads::timing_only()};

LinkParameters pins_of(const Description& machine) {
  return {.bits = machine.dram.bits, .link_khz = machine.dram.link_khz, .core_khz = machine.dram.core_khz};
}

// memory/off_chip/dram.h: a latency and a bandwidth, energy by the technology's table.
class LinkMemory final : public ChipMemory {
 public:
  LinkMemory(const Description& machine, const EnergyModel& energy)
      : dram_("dram", machine.dram), energy_(energy) {}

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(dram_.socket); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    return static_cast<std::uint64_t>(index) << 40;  // it holds any address
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override { return dram_.transfer_time(bytes); }
  void quiesce() override { dram_.quiesce(); }
  [[nodiscard]] MemoryProtocol protocol() const override { return on_chip_protocol; }
  [[nodiscard]] DramCounters counters() const override { return dram_.counters(); }
  // Its transfers are shown by who asks for them; there is nothing more to it.
  void trace(Waveform& /*waveform*/) override {}
  [[nodiscard]] Waveform::Resolution resolution() const override { return Waveform::Resolution::cycle; }

  void add_energy(Cycles /*cycles*/, EnergyAccount& account) override {
    MemoryCounters memory;
    memory.dram = dram_.counters();
    account += energy_.account({}, memory, Cycles(0));
  }

 private:
  Dram dram_;
  const EnergyModel& energy_;
};

// memory/dram/: a device behind the chip's pins, energy by its own currents.
class DeviceMemory final : public ChipMemory {
 public:
  explicit DeviceMemory(const Description& machine)
      : link_("link", pins_of(machine)), dram_("dram", *machine.dram_device, machine.dram.core_khz) {
    link_.to_memory.bind(dram_.socket);
  }

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(link_.from_chip); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    const auto capacity = static_cast<std::uint64_t>(dram_.device().organisation.capacity().value);
    return capacity / regions * static_cast<std::uint64_t>(index);
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return std::max(link_.transfer_time(bytes), dram_.transfer_time(bytes));
  }
  // From threads: what several DMAs ask for shares the controllers' queues.
  [[nodiscard]] MemoryProtocol protocol() const override {
    return {.call = MemoryProtocol::Call::waits, .payloads = Payloads::timing_only()};
  }
  void quiesce() override {
    link_.quiesce();
    dram_.quiesce();
    start_ = now();
    if (signals_) signals_->quiesce(start_);
  }
  [[nodiscard]] DramCounters counters() const override {
    return {.read = dram_.traffic().read,
            .written = dram_.traffic().written,
            .activations = 0,
            .busy = Cycles(0)};
  }

  void trace(Waveform& waveform) override {
    dram_.keep_log();
    signals_.emplace(
        waveform, dram_.device(), "dram.",
        [this, parts = waveform.ticks_a_cycle()](std::int64_t clock) { return dram_.time_of(clock, parts); },
        false);
    waveform.add_teller([this](Cycles now, bool /*over*/) {
      show_commands();
      return now;
    });
  }
  // A tick is no longer than a clock, so that each command has its own.
  [[nodiscard]] Waveform::Resolution resolution() const override {
    const auto thousandths = dram_.time_of(1, static_cast<std::int64_t>(Waveform::Resolution::thousandth));
    return thousandths > 0 ? Waveform::Resolution::thousandth : Waveform::Resolution::millionth;
  }

  void add_energy(Cycles cycles, EnergyAccount& account) override {
    const DramActivity activity = dram_.activity(start_ + cycles);
    const DramCommandEnergy each = command_energy(dram_.device());
    const auto add = [&](const char* what, std::int64_t count, Picojoules pj) {
      account.add({"dram", dram_.device().name + " " + what, static_cast<double>(count), pj, Tag::derived});
    };
    add("activate and precharge", activity.activates, each.activate);
    add("read", activity.reads, each.read);
    add("write", activity.writes, each.write);
    add("refresh", activity.refreshes, each.refresh);
    add("active standby, per clock", activity.active_clocks, each.active_clock);
    add("precharged standby, per clock", activity.precharged_clocks, each.precharged_clock);
  }

 private:
  // Commands are sent as time goes on; refreshes that nobody waits for, when somebody looks.
  void show_commands() {
    dram_.catch_up();
    int index = 0;
    for (DramChannel& channel : dram_.memory().channels()) {
      for (const LoggedDramCommand& command : channel.take_log()) signals_->command(index, command);
      ++index;
    }
  }

  ChipLink link_;
  DramTarget dram_;
  Cycles start_;
  std::optional<DramSignals> signals_;
};

// The user's own, behind the chip's pins.
class BoundMemory final : public ChipMemory {
 public:
  BoundMemory(const Description& machine, const EnergyModel& energy, std::unique_ptr<OffChip> memory)
      : memory_(std::move(memory)),
        link_("link", pins_of(machine)),
        bridge_("bridge", memory_->protocol()),
        energy_(energy) {
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
  void trace(Waveform& /*waveform*/) override {}
  [[nodiscard]] Waveform::Resolution resolution() const override { return Waveform::Resolution::cycle; }
  void add_energy(Cycles /*cycles*/, EnergyAccount& account) override {
    MemoryCounters moved;
    moved.dram = counters();
    account += energy_.account({}, moved, Cycles(0));
  }

 private:
  std::unique_ptr<OffChip> memory_;
  ChipLink link_;
  BurstBridge bridge_;
  const EnergyModel& energy_;
};

}  // namespace

std::unique_ptr<ChipMemory> make_chip_memory(const Description& machine, const EnergyModel& energy,
                                             std::unique_ptr<OffChip> memory) {
  if (memory) return std::make_unique<BoundMemory>(machine, energy, std::move(memory));
  if (machine.dram_device) return std::make_unique<DeviceMemory>(machine);
  return std::make_unique<LinkMemory>(machine, energy);
}

}  // namespace basil
