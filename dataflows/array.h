// A machine's PE array as its dataflow drives it, by the fast form: what passes take, move and come to.
// Whoever runs it has the ports to the buffers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/cycle_account.h"
#include "core/units.h"
#include "dataflows/clocked_pass.h"
#include "dataflows/drawing.h"
#include "dataflows/schedule.h"
#include "pe/activity.h"
#include "pe/tile.h"
#include "pe/unit.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// What the data of a pass's operands decide. A pass that is not computed takes those of one that stands in.
struct PassCounts {
  Products products;  // of PEs that the array gives their operands
  TileWork tile;      // of a unit's own array: all that it counted
};

// What a pass comes to while its operands are ready.
struct PassWork {
  Cycles cycles;
  CycleAccount bins;  // of the mapped PEs
  Activity activity;  // but for `waiting`
};

// What a pass moves between buffers and array.
struct PassStreams {
  struct Operand {
    Bytes all = {};
    Bytes first = {};         // must be there before the work begins; the rest comes under it
    std::int64_t takers = 1;  // PEs that take each word
    Cycles shift = {};        // the least it takes to fill registers row by row
  };
  Operand weights = {}, ifmap = {};
  Bytes psums_in = {};
  Bytes psums_out = {}, psums_last = {};  // `last` is left in the array when the work is over
  Cycles psums_shift = {};                // the least it takes to empty registers row by row
};

// The buses, or streams over routers, between buffers and array.
enum class ArrayBus { filter, ifmap, psum_in, psum_out };

// Moves words between buffers and array.
class ArrayPorts {
 public:
  virtual ~ArrayPorts() = default;
  // When it is over, of a stream that starts then; in cycles from now on. `takers`: PEs that take each word.
  virtual Cycles move(ArrayBus bus, Bytes bytes, Cycles start, std::int64_t takers) = 0;
  // Of the last move on it: what a network on the way added.
  [[nodiscard]] virtual Cycles late(ArrayBus bus) = 0;
};

// A pass whose words are drawn as it goes: what it took, its streams counted in.
struct DrawnPass {
  Cycles cycles;
  Cycles filter_load;  // its first part: weights into the PEs
  CycleAccount bins;   // of the mapped PEs
  Activity activity;   // but for `waiting`
  ArrayBuses buses;
  Cycles ifmap_bus_until;
  Bytes fmap_traffic;  // ifmap words and psums between buffer and array
};

// Passes of an array that draws its words as it goes.
class DrawnPasses {
 public:
  virtual ~DrawnPasses() = default;
  // As much of what came under the pass before as there are places for.
  [[nodiscard]] virtual PassAhead useful(const Step& step, const PassAhead& ahead) const = 0;
  // `ports`: null where it will be clocked, and its words follow cycle by cycle. `last`: of the layer, so
  // that no pass follows under which sums could leave.
  [[nodiscard]] virtual DrawnPass draw(const Step& step, const PassCounts& counts, const PassAhead& ahead,
                                       bool last, ArrayPorts* ports) = 0;
  // Its sums leave under the next pass, where there is one.
  [[nodiscard]] virtual bool sums_leave_under_next() const = 0;
};

using CountsOf = std::function<const PassCounts&(const Step&)>;

class Array {
 public:
  virtual ~Array() = default;

  // The layer, or the box of one, whose passes follow; it must outlive them.
  virtual void take(const Layer& layer) = 0;
  // Puts the pass's sums into their block.
  virtual PassCounts compute(const Step& step, Ofmap& sums) = 0;
  // With all operands ready. `last`: nothing follows under which the array could empty.
  [[nodiscard]] virtual PassWork work(const Step& step, const PassCounts& counts, bool last) = 0;

  // Its stores are filled before and under its passes with this (dataflows/operand_store.h), asked for
  // before the pass is computed where its operands come ahead: `counts` computes it if need be. Or
  [[nodiscard]] virtual PassStreams streams(const Step& /*step*/, const CountsOf& /*counts*/) const {
    return {};
  }
  // they draw their words themselves; null where they do not.
  [[nodiscard]] virtual DrawnPasses* drawn() { return nullptr; }

  // The pass at cycle fidelity. `sums`: as they are before it.
  [[nodiscard]] virtual std::unique_ptr<ClockedPass> clocked(const Step& step, bool last, const Ofmap& sums,
                                                             const PassAhead& ahead) const = 0;
};

}  // namespace basil
