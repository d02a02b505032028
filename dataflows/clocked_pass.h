// One pass at cycle fidelity: a dataflow's clocked array, fed with the pass's slices.
#pragma once

#include <cstdint>
#include <vector>

#include "core/cycle_account.h"
#include "core/units.h"
#include "dataflows/drawing.h"
#include "pe/activity.h"
#include "pe/tile.h"
#include "traces/golden/golden.h"

namespace basil {

// A pass being clocked. Unless it draws them, operands are ready in the buffers; stalls are then the array's
// and the buses' own.
class ClockedPass {
 public:
  virtual ~ClockedPass() = default;

  virtual void step() = 0;  // one cycle with all operands ready, clock edge included
  [[nodiscard]] virtual ClockedDrawing* drawing() { return nullptr; }
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual Cycles cycles() const = 0;
  [[nodiscard]] virtual const CycleAccount& bins() = 0;  // of the mapped PEs
  [[nodiscard]] virtual Activity activity() const = 0;   // but for `waiting`
  // All that a unit's own array counted; null for others.
  [[nodiscard]] virtual const TileWork* tile_work() const { return nullptr; }
  // Puts the pass's sums into the layer's; a first pass adds the bias.
  virtual void hand_over(Ofmap& sums) const = 0;
  // By PE, of the mapped ones: a measure of the products that neither operand makes zero. Empty where PEs are
  // not told apart.
  [[nodiscard]] virtual std::vector<std::int64_t> effectual_work() const { return {}; }
  // Values of the array's signals now, for the PE of that number (row-major over the mapped ones).
  [[nodiscard]] virtual std::vector<double> view(int pe) const = 0;
};

}  // namespace basil
