// One pass at cycle fidelity: the clocked array of the machine's dataflow, fed with the pass's slices.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clocked.h"
#include "dataflows/row_stationary/row_block.h"
#include "dataflows/row_stationary/row_flow.h"
#include "dataflows/schedule.h"
#include "models/description/description.h"
#include "models/result/accounts.h"
#include "pe/activity.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// Of an array that draws its operands itself, a cycle after the other: what it may draw and give is offered
// after a clock edge and taken at the next one.
class RowDrawing {
 public:
  virtual ~RowDrawing() = default;
  virtual void step(const RowWords& offered) = 0;           // one cycle, clock edge included
  [[nodiscard]] virtual const RowWords& moved() const = 0;  // in that cycle
  [[nodiscard]] virtual RowWords all_words() const = 0;     // of the pass
  // Filter beats and ifmap words among them that came under the pass before.
  [[nodiscard]] virtual RowWords words_ahead() const = 0;
  // The ifmap bus works; the filters are all in; every PE is done.
  [[nodiscard]] virtual bool draws_ifmap() const = 0;
  [[nodiscard]] virtual bool filters_loaded() const = 0;
  [[nodiscard]] virtual bool slots_over() const = 0;
  // The pass ends here; what sums are still leaving do so under the next one.
  virtual void drain_under_next() = 0;
  // When its ifmap bus sent the last word, in cycles of the pass.
  [[nodiscard]] virtual Cycles ifmap_until() const = 0;
  // PEs that take a filter beat, and an ifmap word in the mean.
  [[nodiscard]] virtual std::int64_t filter_takers() const = 0;
  [[nodiscard]] virtual std::int64_t ifmap_takers() const = 0;
};

// A pass being clocked. Unless it draws them, operands are ready in the buffers; stalls are then the array's
// and the buses' own.
class ClockedPass {
 public:
  virtual ~ClockedPass() = default;

  virtual void step() = 0;  // one cycle with all operands ready, clock edge included
  [[nodiscard]] virtual RowDrawing* drawing() { return nullptr; }
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual Cycles cycles() const = 0;
  [[nodiscard]] virtual const CycleAccount& bins() = 0;  // of the mapped PEs
  [[nodiscard]] virtual Activity activity() const = 0;   // but for `waiting`
  // All that a unit's own array counted; null for others.
  [[nodiscard]] virtual const TileWork* tile_work() const { return nullptr; }
  // Puts the pass's sums into the layer's; a first pass adds the bias.
  virtual void hand_over(Ofmap& sums) const = 0;
  // Values of clocked_signals() now, for the PE of that number (row-major over the mapped ones).
  [[nodiscard]] virtual std::vector<double> view(int pe) const = 0;
};

// `sums`: as they are before the pass. `last`: nothing follows under which an output-stationary fold could
// shift its sums out. `ahead`: what of row stationary came under the pass before.
[[nodiscard]] std::unique_ptr<ClockedPass> clocked_pass(const Layer& layer, const Description& machine,
                                                        const Step& step, bool last, const Ofmap& sums,
                                                        const RowAhead& ahead = {});

[[nodiscard]] std::vector<ClockedSignal> clocked_signals(const Description& machine);

}  // namespace basil
