// Units that fill an array of their own: compressed operands set the pace, so the unit says how long a
// pass takes, where the cycles went and what it used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clocked.h"
#include "core/cycle_account.h"
#include "core/error.h"
#include "core/units.h"
#include "pe/pass.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

struct UnitParameters;

// What a store is built of: flip-flops behind multiplexers, or an SRAM macro; by_area, the smaller of the
// two.
enum class StoreKind { by_area, registers, sram };

// Something the array is made of, and how often: an operator costs what its row of the technology table
// says, a store (words > 0) what registers or an SRAM macro of its size do.
struct Part {
  std::string component;  // of the energy account: "mac", "index" (what finds the operands), "spad", "noc"
  std::string name;       // operator: the row, such as "mac_int16"; store: "input map"
  std::int64_t instances = 0;  // in the array: leakage and area; 0 where another part has them
  std::int64_t words = 0;      // store: of one instance
  int bits = 0;                // store: of a word
  double weight = 1;           // operator: uses of the row that one use of the part stands for
  // Store: words that one instance gives and takes in the same cycle, together. Registers give one and take
  // one in any case. A store that is read at more places at once than this is banked: more instances.
  int ports = 1;
  StoreKind kind = StoreKind::by_area;  // store: unless the machine's `stores` says which
};

// Uses of a part: operations of an operator, or reads and writes of a store's words.
struct Uses {
  std::int64_t count = 0;
  std::int64_t writes = 0;
  friend bool operator==(const Uses&, const Uses&) = default;
};

// What a pass took, counted from when its first fill is in the array's stores. The rest of the operands
// reaches the array in time; the machine adds the cycles that ports, buses and DRAM need beyond that.
struct TileWork {
  Cycles cycles;
  CycleAccount bins;          // of all PEs of the array: they sum to rows x columns x cycles
  std::int64_t products = 0;  // PE-cycles that computed (bin compute)
  std::vector<Uses> uses;     // one for each of the array's parts
  // Between buffers and array, as encoded; every finished sum is 4 bytes of psums_out here.
  Bytes weights, ifmap, psums_in, psums_out;
  // Of these, what must be in the stores before the work begins, and what is left in them when it is over: as
  // much as a store holds where the rest moves under the work, because the store is a FIFO or doubled; else
  // all.
  Bytes weights_first, ifmap_first, psums_last;
  // Rows of the array that take each of their words, which is multicast.
  std::int64_t weights_takers = 1, ifmap_takers = 1;
  friend bool operator==(const TileWork&, const TileWork&) = default;
};

// How much of a layer a pass takes at most.
struct TileCut {
  int filters = 1;              // of a group
  std::int64_t buffer_row = 0;  // bytes of intermediate results an ofmap row keeps in the fmap buffer
};

// One layer on the array, pass by pass.
class TileUnit {
 public:
  virtual ~TileUnit() = default;
  // Writes the pass's sums (bias included) into its ofmap block.
  virtual TileWork run(const TilePass& pass, Ofmap& sums) = 0;
};

// The same pass on registers, queues and windows, clock by clock. Written from the mechanism, not from the
// fast unit's formulas; ends in the same cycle, with the same work and the same sums.
class ClockedTile {
 public:
  virtual ~ClockedTile() = default;
  virtual void step() = 0;  // one cycle, clock edge included
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual TileWork work() const = 0;  // once done
  virtual void hand_over(Ofmap& sums) const = 0;    // once done
  // By row of the array, before the first step: a measure of the products that neither operand makes zero.
  // Empty where rows are not told apart.
  [[nodiscard]] virtual std::vector<std::int64_t> effectual_work() const { return {}; }
  [[nodiscard]] virtual std::vector<double> view(
      int row) const = 0;  // of signals(), for one of the array's rows
};

// The array a unit fills: `rows` come from the machine's description, columns follow from the unit.
struct TileArray {
  // Error at `where` for parameters that contradict each other.
  void (*check)(const UnitParameters& parameters, const std::string& where);
  // PEs in one of the array's rows, one product (or comparison) a cycle each.
  int (*columns)(const UnitParameters& parameters);
  // What the array's rows must be a multiple of; null: 1.
  int (*row_step)(const UnitParameters& parameters) = nullptr;
  TileCut (*cut)(const Layer& layer, const UnitParameters& parameters);
  // The store that is too small for a layer of this shape, which fewer columns or channels may mend; null:
  // the unit takes any. Of the layer it may read shape and encoding, not the operands' values.
  std::optional<Error> (*lacks)(const Layer& layer, const UnitParameters& parameters) = nullptr;
  std::vector<Part> (*parts)(const UnitParameters& parameters);
  // The layer must have been checked and must outlive what is made.
  std::unique_ptr<TileUnit> (*make)(const Layer& layer, const UnitParameters& parameters);
  std::unique_ptr<ClockedTile> (*clocked)(const Layer& layer, const UnitParameters& parameters,
                                          const TilePass& pass);
  std::vector<ClockedSignal> (*signals)(const UnitParameters& parameters);
};

}  // namespace basil
