// One tile of a chip as SystemC modules: DMA, buffers, buses, PE array, and the sequencer that takes a
// layer's schedule through them. The DRAM is the chip's (models/machine/chip.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <systemc>

#include "core/systemc/kernel.h"
#include "dataflows/pass_sequence.h"
#include "memory/buffer/buffer.h"
#include "memory/port/port.h"
#include "models/description/description.h"
#include "models/energy/energy.h"
#include "models/layer/filter_ring.h"
#include "models/layer/traffic.h"
#include "models/machine/array_network.h"
#include "models/machine/chip_memory.h"
#include "models/machine/dma.h"
#include "models/machine/layer_pieces.h"
#include "models/machine/pe_array.h"
#include "models/mapping/mapper.h"
#include "models/result/result.h"
#include "models/waveform/waveform_signals.h"
#include "traces/trace.h"

namespace basil {

class Accelerator : public sc_core::sc_module {
 public:
  Accelerator(const sc_core::sc_module_name& name, const Description& machine, const EnergyModel& energy,
              Fidelity fidelity, ProcessGuard& guard, ChipMemory& memory, Mapper& mapper);
  // Of its DMA, to be bound to the memory or to what stands before it.
  [[nodiscard]] tlm::tlm_initiator_socket<>& to_memory() { return dma_.dram.socket; }

  // Signals of the tile, their names after `prefix`, for a waveform that outlives the run.
  void trace_signals(Waveform& waveform, const WaveformSignals::Shown& shown, std::optional<int> pe);
  // The links of the network to its array.
  void trace_network(Waveform& waveform, const std::string& prefix) { network_->trace(waveform, prefix); }
  // Tells it what happens; it must outlive the run.
  void observe(MachineObserver& observer) { observers_.add(observer); }
  // The chip's `index`th layer starts, whether or not the tile has a share in it.
  void announce_layer(std::size_t index, const std::string& name) { observers_.layer(index, name); }

  // The layer that starts now and ends with its last result in DRAM; it must outlive that. `coded_ifmap`: its
  // input comes coded as the machine's feature maps are. With `sample` only a part is computed. Whoever calls
  // runs the kernel in between.
  void begin_layer(const Layer& layer, bool coded_ifmap, const std::optional<SampleOptions>& sample);
  // The tile's account of it but for DRAM's energy and the bound; the chip took `cycles`.
  [[nodiscard]] LayerResult end_layer(Cycles cycles);
  // Cycles until the last result was in DRAM.
  [[nodiscard]] std::int64_t passes_begun() const { return passes_begun_; }
  [[nodiscard]] Cycles layer_cycles() const { return result_.cycles; }
  // Of a sampled layer that is over: what was computed, and the spread of cycles and energy.
  [[nodiscard]] SampledPart sampled(const LayerSample::Slopes& slopes) const {
    return pieces_->sampled(slopes);
  }
  // Sums of the layer last run.
  [[nodiscard]] const Ofmap& sums() const { return pieces_->whole() ? array_.sums() : sums_; }
  [[nodiscard]] const std::optional<WidePsum>& widest_overflow() const { return widest_overflow_; }
  // In which pass each product of its sums was added.
  [[nodiscard]] std::vector<LayerPieces::Reduction> reductions() const { return pieces_->reductions(); }

 private:
  // The sequencer's process: one pass after another.
  void sequence();
  void prepare();        // the array is free: bring what the next pass lacks
  void begin();          // everything is there: start the pass
  void start();          // on the array; a sample hears what it takes
  void finish();         // the pass is over: account for it, send results off
  void prefetch();       // under the running pass: what the next one needs
  void filters_drawn();  // the array has drawn its own filters: those of the next pass may come
  // The next pass's first operands, into stores that are doubled.
  void fill_ahead();
  [[nodiscard]] Picojoules energy_of(const Activity& activity, Cycles cycles) const;
  void tell_power();
  // Cycles in which the pass that begins could draw words under the one before: its buses were free and its
  // words in the buffers.
  [[nodiscard]] PassAhead ahead() const;
  // Absolute times of transfers' end: without, and with the network between DRAM and tiles; known once none
  // of them is under way in a memory that says when it is done, and not before.
  struct Ready {
    Cycles memory, network;
    int under_way = 0;

    [[nodiscard]] Ready with(const Ready& other) const {
      return {std::max(memory, other.memory), std::max(network, other.network), under_way + other.under_way};
    }
    friend Ready later(const Ready& a, const Ready& b) { return a.with(b); }
  };
  // What the next step lacks; its slice of weights may still be there from an earlier one.
  [[nodiscard]] bool lacks_weights(const PieceStep& next) const;
  void load_weights(const PieceStep& next, Cycles start);
  void load_ifmap(const PieceStep& next, Cycles start);
  void store_ofmap();
  void move(MachineObserver::Operand operand, const Step& step, const Dma::Block& block, MemoryPort& on_chip,
            Ready& ready);
  void moved(MachineObserver::Operand operand, std::int64_t pass, const Dma::Block& block,
             const Dma::Moved& moved, Ready& ready);
  // What the next pass, or the end of the layer, needs.
  [[nodiscard]] Ready awaited() const;
  // It waits from now on; `pes` of it have work that waits, the others none.
  void wait_from_now(std::int64_t pes);
  void end_wait();
  void count_wait();
  void gather_box();
  void end_layer_now();

  void quiesce();
  [[nodiscard]] MemoryCounters memory_counters() const;

  const Description& machine_;
  const EnergyModel& energy_;
  ProcessGuard& guard_;
  Mapper& mapper_;

  ChipMemory& memory_;
  Buffer fmaps_, filters_;
  std::unique_ptr<Buffer> accumulators_;
  Dma dma_;
  PeArray array_;
  std::unique_ptr<ArrayNetwork> network_;

  sc_core::sc_event wake_;
  enum class State { asleep, waiting_for_dram, running, draining } state_ = State::asleep;
  Cycles wait_start_;
  std::int64_t waiting_pes_ = 0;

  // The layer being run.
  const Layer* layer_ = nullptr;
  std::unique_ptr<LayerPieces> pieces_;
  std::optional<PieceStep> step_, next_;
  std::shared_ptr<LayerPiece> piece_;  // that the array has
  FilterRing filter_ring_;
  Ofmap sums_;  // of a layer in several pieces
  SumStatistics sum_statistics_;
  std::optional<WidePsum> widest_overflow_;
  Ready weights_ready_, ifmap_ready_, stores_done_;
  Cycles layer_start_;                       // absolute
  PassAsked asked_;                          // for the step to come
  Cycles filter_bus_free_, ifmap_bus_free_;  // absolute; of the pass last done
  bool weights_wait_ = false;                // to be asked for when the array has drawn the present ones
  std::int64_t coder_uses_ = 0, outputs_ = 0, zero_points_ = 0;  // coders' work
  Activity activity_;
  LayerResult result_;
  std::int64_t active_pe_cycles_ = 0, passes_begun_ = 0;

  std::optional<WaveformSignals> signals_;
  MachineObservers observers_;
  Cycles power_since_;      // absolute; told until then
  Picojoules energy_told_;  // of the layer
};

}  // namespace basil
