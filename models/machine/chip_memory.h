// The memory of a chip: of the kind that its description chooses, or one of the user's own. And what it costs
// and shows.
#pragma once

#include <memory>
#include <optional>

#include "memory/off_chip/memory_type.h"
#include "models/description/description.h"
#include "models/energy/energy.h"
#include "models/result/accounts.h"
#include "models/waveform/dram_signals.h"
#include "models/waveform/waveform.h"

namespace basil {

class ChipMemory final : public OffChip {
 public:
  // `memory`: takes the place of what the description says is behind the chip's pins; none: as it says.
  ChipMemory(const Description& machine, const EnergyModel& energy, std::unique_ptr<OffChip> memory);

  void bind(tlm::tlm_initiator_socket<>& port) override { memory_->bind(port); }
  [[nodiscard]] std::uint64_t region(int index) const override { return memory_->region(index); }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override { return memory_->transfer_time(bytes); }
  void quiesce() override;
  [[nodiscard]] MemoryProtocol protocol() const override { return memory_->protocol(); }

  // Energy since the last quiesce(), of `cycles`, device standby included where the model knows it.
  void add_energy(Cycles cycles, EnergyAccount& account);
  // Shows what happens in it on a waveform that outlives it.
  void trace(Waveform& waveform);
  // What the waveform must tell apart for that.
  [[nodiscard]] Waveform::Resolution resolution() const;
  // What moves on it while a pass runs, for the waveform's power: without standby.
  [[nodiscard]] DramCounters counters() const { return memory_->counters(); }

 private:
  void show_commands();

  std::unique_ptr<PinnedMemory> memory_;
  const EnergyModel& energy_;
  std::optional<DramSignals> signals_;
};

}  // namespace basil
