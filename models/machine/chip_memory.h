// The memory of a chip: as its description chooses it, a link of some bandwidth with open rows, or a DRAM
// device command by command behind that link; or a memory of the user's behind that link. And what it costs.
#pragma once

#include <memory>

#include "memory/off_chip/off_chip.h"
#include "models/description/description.h"
#include "models/energy/energy.h"
#include "models/result/accounts.h"
#include "models/waveform/waveform.h"

namespace basil {

class ChipMemory : public OffChip {
 public:
  // Energy since the last quiesce(), of `cycles`, device standby included where the model knows it.
  virtual void add_energy(Cycles cycles, EnergyAccount& account) = 0;
  // Shows what happens in it on a waveform that outlives it.
  virtual void trace(Waveform& waveform) = 0;
  // What the waveform must tell apart for that.
  [[nodiscard]] virtual Waveform::Resolution resolution() const = 0;
  // What moves on it while a pass runs, for the waveform's power: without standby.
  [[nodiscard]] virtual DramCounters counters() const = 0;
};

// `memory`: takes the place of what the description says is behind the chip's pins; none: as it says. Its
// energy is that of the bytes moved, by the technology's table, without activations.
[[nodiscard]] std::unique_ptr<ChipMemory> make_chip_memory(const Description& machine,
                                                           const EnergyModel& energy,
                                                           std::unique_ptr<OffChip> memory);

}  // namespace basil
