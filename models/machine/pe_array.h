// The PE array as a module: takes a pass, draws its operands through the buses, hands back sums and time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>

#include "core/systemc/kernel.h"
#include "dataflows/array.h"
#include "dataflows/operand_store.h"
#include "dataflows/schedule.h"
#include "memory/port/port.h"
#include "models/description/description.h"
#include "models/layer/psum_store.h"
#include "models/machine/row_streams.h"
#include "models/result/accounts.h"
#include "models/result/result.h"
#include "models/waveform/pass_outcome.h"
#include "traces/golden/golden.h"

namespace basil {

// Every stream of the array begins at the first word, in interleaved banks thus all at the first bank:
// streams that start together meet at once, and no layout of operands can be luckier or unluckier than that.
inline constexpr std::uint64_t stream_address = 0;

// When the buffer holds what the next pass needs of an operand, absolute; nothing where it has not been asked
// for.
struct NextOperands {
  std::optional<Cycles> weights, ifmap;
};

class LayerSample;
struct LayerPiece;
class MachineObserver;
class WaveformSignals;

class PeArray : public sc_core::sc_module, private ArrayPorts {
 public:
  MemoryPort filter_port, ifmap_port, psum_in_port, psum_out_port;  // through a bus each
  sc_core::sc_event done;                                           // the pass that start() began is over
  // At cycle fidelity an array that draws its words does so itself: its filters are all in.
  sc_core::sc_event filters_drawn;

  PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
          ProcessGuard& guard, Mapper& mapper);

  // The routers between it and the buffers, if any; they outlive it.
  void carried_by(Interconnect& network) { network_ = &network; }
  // At cycle fidelity: shows the registers of one PE, by its number among the mapped ones; without a number,
  // of one with much to do.
  void trace_pe(WaveformSignals& signals, std::optional<int> pe);
  // Tells it when its buses are busy; it must outlive the run.
  void observe(MachineObserver& observer) { observer_ = &observer; }

  // Counts what is moved from now on.
  void begin_layer();
  // The layer whose passes follow, or a box of it, which must outlive them. With a sample only its part is
  // computed, at once; it says what every pass takes.
  void begin_box(const LayerPiece& box);
  // Runs a pass from now on; `last`: the layer's last, whose sums have no pass to leave under.
  // `ahead`: cycles in which words that it draws could come under the pass before.
  void start(const Step& step, bool last, const PassAhead& ahead);
  // Under the pass that start() began: brings the first fill of the next one's operands into stores that are
  // doubled, unless it is on its way.
  void fill_ahead(const Step& next, const NextOperands& in_buffer);
  // Whether the array draws its passes' words itself, cycle by cycle.
  [[nodiscard]] bool draws() const { return fidelity_ == Fidelity::cycle && array_->drawn() != nullptr; }
  // Moved since begin_layer().
  [[nodiscard]] StreamBytes moved() const;
  // Of the pass last done.
  [[nodiscard]] const PassOutcome& outcome() const { return outcome_; }
  // Of the box.
  [[nodiscard]] const Ofmap& sums() const { return psums_.sums(); }
  [[nodiscard]] const PsumStore& psums() const { return psums_; }

 private:
  Cycles move(ArrayBus bus, Bytes bytes, Cycles start, std::int64_t takers) override;
  [[nodiscard]] Cycles late(ArrayBus bus) override;
  [[nodiscard]] MemoryPort& port(ArrayBus bus);
  void tell(ArrayBus bus, Cycles from, Cycles until) const;
  void tell_buses(const ArrayBuses& buses) const;

  // Of a pass, run once, and before its turn where its operands are asked for ahead.
  [[nodiscard]] const PassCounts& counts(const Step& step);
  void start_drawn(DrawnPasses& passes);
  void draw(const ClockedDrawing& drawing);
  void clock_drawing();
  void start_filled();
  [[nodiscard]] PassStreams streams_of(const Step& step);
  void open_pass(const PassStreams& streams);
  void close_pass(Cycles work, bool last);
  void rest_of_grid();
  void first_fill(OperandStore& store, ArrayBus bus, const PassStreams::Operand& operand, Cycles from);

  void clock();
  void show_registers();
  void hold_counts();
  void finish_clocked(Cycles late);

  const Description& machine_;
  std::unique_ptr<Array> array_;
  Fidelity fidelity_;
  ProcessGuard& guard_;
  sc_core::sc_event clock_;
  std::unique_ptr<ClockedPass> clocked_;  // the pass being clocked
  std::int64_t active_ = 0;               // PEs it is mapped to
  Interconnect* network_ = nullptr;
  std::optional<RowStreams> streams_;  // of the pass being clocked, where the array draws them
  Cycles started_;                     // absolute
  PassAhead ahead_;                    // of the pass
  bool sums_leave_under_next_ = false;
  WaveformSignals* shown_ = nullptr;
  std::optional<int> asked_pe_;
  int shown_pe_ = 0;
  MachineObserver* observer_ = nullptr;
  const Layer* layer_ = nullptr;
  LayerSample* sample_ = nullptr;
  std::optional<std::pair<std::int64_t, PassCounts>> counts_;  // by step
  StreamBytes moved_before_;                                   // the layer
  PsumStore psums_;
  std::optional<Step> step_;  // the pass
  PassOutcome outcome_;

  // Where they are filled before and under passes.
  OperandStore weights_store_, ifmap_store_;
  SumStore psums_store_;
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
  Cycles work_;        // of the pass, by the fast form
  TileWork counted_;   // of a unit's own array, at cycle fidelity, where the next pass may be computed before
                       // it ends
  bool last_ = false;  // the pass ends the layer
};

}  // namespace basil
