#include "models/machine/chip_memory.h"

#include <utility>

#include "core/systemc/cycle_time.h"
#include "memory/dram/dram_target.h"
#include "memory/off_chip/bound.h"

namespace basil {
namespace {

std::unique_ptr<PinnedMemory> make_memory(const Description& machine, std::unique_ptr<OffChip> memory) {
  if (memory) return bound_memory(machine.dram, std::move(memory));
  return machine.memory->make(machine.memory_parameters());
}

}  // namespace

ChipMemory::ChipMemory(const Description& machine, const EnergyModel& energy, std::unique_ptr<OffChip> memory)
    : memory_(make_memory(machine, std::move(memory))), energy_(energy) {}

void ChipMemory::quiesce() {
  memory_->quiesce();
  if (signals_) signals_->quiesce(now());
}

void ChipMemory::add_energy(Cycles cycles, EnergyAccount& account) {
  const std::vector<MemoryEnergy> own = memory_->energy(cycles);
  for (const MemoryEnergy& of : own)
    account.add({"dram", of.name, static_cast<double>(of.count), of.each, Tag::derived});
  if (!own.empty()) return;
  MemoryCounters moved;
  moved.dram = memory_->counters();
  account += energy_.account({}, moved, Cycles(0));
}

// The transfers of a memory without commands are shown by who asks for them; there is nothing more to it.
void ChipMemory::trace(Waveform& waveform) {
  DramTarget* const dram = memory_->device();
  if (dram == nullptr) return;
  dram->keep_log();
  signals_.emplace(
      waveform, dram->device(), "dram.",
      [dram, parts = waveform.ticks_a_cycle()](std::int64_t clock) { return dram->time_of(clock, parts); },
      false);
  waveform.add_teller([this](Cycles now, bool /*over*/) {
    show_commands();
    return now;
  });
}

// A tick is no longer than a clock, so that each command has its own.
Waveform::Resolution ChipMemory::resolution() const {
  const DramTarget* const dram = memory_->device();
  if (dram == nullptr) return Waveform::Resolution::cycle;
  const auto thousandths = dram->time_of(1, static_cast<std::int64_t>(Waveform::Resolution::thousandth));
  return thousandths > 0 ? Waveform::Resolution::thousandth : Waveform::Resolution::millionth;
}

// Commands are sent as time goes on; refreshes that nobody waits for, when somebody looks.
void ChipMemory::show_commands() {
  DramTarget& dram = *memory_->device();
  dram.catch_up();
  int index = 0;
  for (DramChannel& channel : dram.memory().channels()) {
    for (const LoggedDramCommand& command : channel.take_log()) signals_->command(index, command);
    ++index;
  }
}

}  // namespace basil
