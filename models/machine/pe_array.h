// The PE array as a module: takes a pass, draws its operands through the buses, hands back sums and time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>

#include "core/systemc/kernel.h"
#include "dataflows/operand_store.h"
#include "dataflows/row_stationary/row_timing.h"
#include "dataflows/schedule.h"
#include "memory/port/port.h"
#include "models/cycle/clocked_pass.h"
#include "models/description/description.h"
#include "models/layer/psum_store.h"
#include "models/machine/row_streams.h"
#include "models/result/accounts.h"
#include "models/result/result.h"
#include "models/waveform/pass_outcome.h"
#include "pe/activity.h"
#include "pe/unit.h"
#include "traces/golden/golden.h"

namespace basil {

// Every stream of the array begins at the first word, in interleaved banks thus all at the first bank:
// streams that start together meet at once, and no layout of operands can be luckier or unluckier than that.
inline constexpr std::uint64_t stream_address = 0;

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

// When the buffer holds what the next pass needs of an operand, absolute; nothing where it has not been asked
// for.
struct NextOperands {
  std::optional<Cycles> weights, ifmap;
};

class LayerSample;
struct LayerPiece;
class WaveformSignals;

class PeArray : public sc_core::sc_module {
 public:
  MemoryPort filter_port, ifmap_port, psum_in_port, psum_out_port;  // through a bus each
  sc_core::sc_event done;                                           // the pass that start() began is over
  // At cycle fidelity the array draws a row-stationary pass's words itself: its filters are all in.
  sc_core::sc_event filters_drawn;

  PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
          ProcessGuard& guard);

  // The routers between it and the buffers, if any; they outlive it.
  void carried_by(Interconnect& network) { network_ = &network; }
  // At cycle fidelity: shows the registers of one PE, by its number among the mapped ones.
  void trace(WaveformSignals& signals, int pe);

  // Counts what is moved from now on.
  void begin_layer();
  // The layer whose passes follow, or a box of it, which must outlive them. With a sample only its part is
  // computed, at once; it says what every pass takes. `flows`: what is known of row-stationary passes behind
  // buses.
  void begin_box(const LayerPiece& box, RowFlows& flows);
  // Runs a pass from now on; `last`: the layer's last, whose sums have no pass to leave under.
  // `ahead`: cycles in which words of a row-stationary pass could come under the pass before.
  void start(const Step& step, bool last, const RowAhead& ahead);
  // Under the pass that start() began: brings the first fill of the next one's operands into stores that are
  // doubled, unless it is on its way.
  void fill_ahead(const Step& next, const NextOperands& in_buffer);
  // Whether the array draws the pass's words itself, cycle by cycle.
  [[nodiscard]] bool draws(const Step& step) const {
    return fidelity_ == Fidelity::cycle && std::holds_alternative<RowPass>(step.pass);
  }
  // Moved since begin_layer().
  [[nodiscard]] StreamBytes moved() const;
  // Of the pass last done.
  [[nodiscard]] const PassOutcome& outcome() const { return outcome_; }
  // Of the box.
  [[nodiscard]] const Ofmap& sums() const { return psums_.sums(); }
  [[nodiscard]] const PsumStore& psums() const { return psums_; }

 private:
  struct RowPorts;
  void run_rows(const Step& step, const RowPass& pass);
  void reserve_streams(const RowPass& pass, const RowPassTiming& timing);
  void show_streams(const RowPassTiming& timing);
  void go_rows();
  void draw(const RowDrawing& drawing);
  void clock_rows();
  void run_fold(const Step& step, const GemmPass& pass, bool last);
  void run_tile(const Step& step, const TilePass& pass);
  template <class Pass>
  [[nodiscard]] Products products(const Step& step, const Pass& pass);

  // The pass on its own array, run once, and before its turn where its operands are asked for ahead.
  [[nodiscard]] const TileWork& tile_work(const Step& step, const TilePass& pass);
  [[nodiscard]] PassStreams streams_of(const Step& step);
  void open_pass(const PassStreams& streams);
  void close_pass(Cycles work, bool last);
  void rest_of_grid();
  void first_fill(OperandStore& store, MemoryPort& port, const PassStreams::Operand& operand, Cycles from);

  void clock();
  void hold_counts();
  void finish_clocked(Cycles late);

  const Description& machine_;
  RowLinks links_;
  Fidelity fidelity_;
  ProcessGuard& guard_;
  sc_core::sc_event clock_;
  std::unique_ptr<ClockedPass> clocked_;  // the pass being clocked
  std::int64_t active_ = 0;               // PEs it is mapped to
  Interconnect* network_ = nullptr;
  std::optional<RowStreams> streams_;  // of the pass being clocked, where the array draws them
  Cycles started_;                     // absolute
  RowAhead ahead_;                     // of the pass
  bool sums_leave_under_next_ = false;
  WaveformSignals* shown_ = nullptr;
  int shown_pe_ = 0;
  const Layer* layer_ = nullptr;
  LayerSample* sample_ = nullptr;
  std::unique_ptr<Unit> unit_;      // the layer on a row-stationary or systolic array,
  std::unique_ptr<TileUnit> tile_;  // or on the unit's own
  RowArray row_array_;
  std::optional<RowFlows> routed_flows_;  // of all layers so far, over routers
  std::optional<RowTimer> row_timer_;
  StreamBytes moved_before_;  // the layer
  PsumStore psums_;
  std::optional<Step> step_;  // the pass
  PassOutcome outcome_;

  // Stores of a systolic array or of the unit's own.
  OperandStore weights_store_, ifmap_store_;
  SumStore psums_store_;
  std::optional<std::pair<std::int64_t, TileWork>> tile_work_;  // by step
  // Moves under a pass's work; if it ends later, the array waits for it in this bin.
  struct Stream {
    Bin bin = Bin::drain;
    Cycles until, late;  // absolute; for a network on the way
  };
  // The pass at work, absolute.
  struct Opened {
    Cycles start, begin;  // of the pass, of its work
    Waits head;           // in between
    std::array<Stream, 4> under_work;
    Bytes psums_last;
    Cycles psums_shift;
  } pass_;
  Cycles work_;        // of the pass, by the fast forms
  TileWork counted_;   // the same of a unit's own array, at cycle fidelity
  bool last_ = false;  // the pass ends the layer
};

}  // namespace basil
