// The network between a tile's buffers and its array, as its description chooses it: four multicast buses, or
// routers that all streams share.
#pragma once

#include <memory>
#include <string>

#include "memory/buffer/buffer.h"
#include "memory/noc/interconnect.h"
#include "models/description/description.h"
#include "models/description/routers.h"
#include "models/energy/energy.h"
#include "models/machine/pe_array.h"
#include "models/result/result.h"
#include "models/waveform/waveform.h"

namespace basil {

class ArrayNetwork {
 public:
  virtual ~ArrayNetwork() = default;

  // Shows its links on a waveform that outlives it, their names after `prefix`; of buses nothing, whose
  // streams the array's passes show.
  virtual void trace(Waveform& waveform, const std::string& prefix) = 0;
  // A layer starts with nothing under way and counters at zero.
  virtual void quiesce() = 0;
  [[nodiscard]] virtual NetworkCounters counters() const = 0;
  // Cycles in which the busiest link of routers was taken; 0 for buses.
  [[nodiscard]] virtual Cycles busiest_link() const = 0;
};

// Binds the array's ports to the buffers through it. Its modules belong to the one being constructed. At
// cycle fidelity routers move flits.
[[nodiscard]] std::unique_ptr<ArrayNetwork> make_array_network(const Description& machine, Fidelity fidelity,
                                                               PeArray& array, Buffer& filters, Buffer& fmaps,
                                                               Buffer& psums);

[[nodiscard]] Interconnect::Level level_of(Fidelity fidelity);

}  // namespace basil
