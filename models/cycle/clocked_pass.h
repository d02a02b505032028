// One pass at cycle fidelity: the clocked array of the machine's dataflow, fed with the pass's slices.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clocked.h"
#include "dataflows/schedule.h"
#include "models/accounts.h"
#include "models/description.h"
#include "pe/activity.h"
#include "traces/golden.h"
#include "traces/trace.h"

namespace basil {

// A pass being clocked. Operands are ready in the buffers; stalls are the array's and the buses' own.
class ClockedPass {
 public:
  virtual ~ClockedPass() = default;

  virtual void step() = 0;  // one cycle, clock edge included
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual Cycles cycles() const = 0;
  [[nodiscard]] virtual const CycleAccount& bins() = 0;  // of the mapped PEs
  [[nodiscard]] virtual Activity activity() const = 0;   // but for `waiting`
  // Puts the pass's sums into the layer's; a first pass adds the bias.
  virtual void hand_over(Ofmap& sums) const = 0;
  // Values of clocked_signals() now, for the PE of that number (row-major over the mapped ones).
  [[nodiscard]] virtual std::vector<double> view(int pe) const = 0;
};

// `sums`: as they are before the pass. `last`: nothing follows under which an output-stationary fold could
// shift its sums out.
[[nodiscard]] std::unique_ptr<ClockedPass> clocked_pass(const Layer& layer, const Description& machine,
                                                        const Step& step, bool last, const Ofmap& sums);

[[nodiscard]] std::vector<ClockedSignal> clocked_signals(const Description& machine);

}  // namespace basil
