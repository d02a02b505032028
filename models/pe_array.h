// The PE array as a module: takes a pass, draws its operands through the buses, hands back sums and time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>

#include "core/systemc/kernel.h"
#include "dataflows/row_stationary/row_timing.h"
#include "dataflows/schedule.h"
#include "memory/port.h"
#include "models/accounts.h"
#include "models/block_sums.h"
#include "models/cycle/clocked_pass.h"
#include "models/description.h"
#include "models/result.h"
#include "pe/activity.h"
#include "pe/unit.h"
#include "traces/golden.h"

namespace basil {

// A pass on the array.
struct PassOutcome {
  Cycles cycles;
  Cycles filter_load;  // its first part: weights into the PEs
  CycleAccount bins;   // of all the array's PEs
  Activity activity;
  Bytes fmap_traffic;  // ifmap words and psums between buffer and array
  // Bus intervals, in cycles after the pass's start, for the waveform and the timeline.
  Cycles slowest_stream;  // when buffers and buses have moved all of it
  // The filter bus is busy from the start, the others from `streams_from`.
  Cycles streams_from;
  Cycles filter_bus_until, ifmap_bus_until, psum_in_until, psum_out_until;
};

class LayerSample;
class WaveformSignals;

class PeArray : public sc_core::sc_module {
 public:
  MemoryPort filter_port, ifmap_port, psum_in_port, psum_out_port;  // through a bus each
  sc_core::sc_event done;                                           // the pass that start() began is over

  PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
          ProcessGuard& guard);

  // At cycle fidelity: shows the registers of one PE, by its number among the mapped ones.
  void trace(WaveformSignals& signals, int pe);

  // Counts what is moved from now on.
  void begin_layer();
  // The layer whose passes follow, or a box of it; must outlive them. With a sample only its part is
  // computed, at once; it says what every pass takes. `psums_in`: the passes add to the sums of the box
  // before.
  void begin_box(const Layer& layer, LayerSample* sample, bool psums_in);
  // Runs a pass from now on; `last`: the layer's last, whose sums have no pass to leave under.
  void start(const Step& step, bool last);
  // Moved since begin_layer().
  [[nodiscard]] StreamBytes moved() const;
  // Of the pass last done.
  [[nodiscard]] const PassOutcome& outcome() const { return outcome_; }
  // Of the box.
  [[nodiscard]] const Ofmap& sums() const { return sums_; }

 private:
  void run_rows(const Step& step, const RowPass& pass);
  void run_fold(const Step& step, const GemmPass& pass, bool last);
  void run_tile(const Step& step, const TilePass& pass);
  void add_earlier_sums(const Step& step);
  template <class Pass>
  [[nodiscard]] Products products(const Step& step, const Pass& pass);

  void clock();
  void finish_clocked();

  const Description& machine_;
  Fidelity fidelity_;
  ProcessGuard& guard_;
  sc_core::sc_event clock_;
  std::unique_ptr<ClockedPass> clocked_;  // the pass being clocked
  std::optional<Step> clocked_step_;
  std::int64_t active_ = 0;  // PEs it is mapped to
  WaveformSignals* shown_ = nullptr;
  int shown_pe_ = 0;
  const Layer* layer_ = nullptr;
  LayerSample* sample_ = nullptr;
  std::unique_ptr<Unit> unit_;      // the layer on a row-stationary or systolic array,
  std::unique_ptr<TileUnit> tile_;  // or on the unit's own
  std::optional<RowTimer> row_timer_;
  StreamBytes moved_before_;  // the layer
  Ofmap sums_;
  std::optional<Ofmap> earlier_sums_;  // of other channels, that a tile's passes add to
  PassOutcome outcome_;
};

}  // namespace basil
