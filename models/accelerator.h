// One tile of a chip as SystemC modules: DMA, buffers, buses, PE array, and the sequencer that takes a
// layer's schedule through them. The DRAM is the chip's (models/chip.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <systemc>

#include "core/systemc/kernel.h"
#include "memory/buffer/buffer.h"
#include "memory/port.h"
#include "models/array_network.h"
#include "models/chip_memory.h"
#include "models/description.h"
#include "models/energy.h"
#include "models/filter_ring.h"
#include "models/layer_pieces.h"
#include "models/pe_array.h"
#include "models/result.h"
#include "models/traffic.h"
#include "models/waveform_signals.h"
#include "traces/trace.h"

namespace basil {

// Moves blocks between DRAM and an on-chip buffer; both ends work at once, the later one ends it.
class Dma : public sc_core::sc_module {
 public:
  MemoryPort dram, fmaps, filters, accumulators;

  explicit Dma(const sc_core::sc_module_name& name);

  // `on_chip`: the port of the buffer that takes or gives `bytes_on_chip`. Cycles count from now.
  struct Moved {
    Cycles dram;   // when DRAM's link is through with it
    Cycles ended;  // when both ends are
    Cycles done;   // and the network between them
  };
  Moved load(std::uint64_t address, Bytes from_dram, MemoryPort& on_chip, Bytes on_chip_bytes, Cycles start);
  Moved store(std::uint64_t address, Bytes to_dram, MemoryPort& on_chip, Bytes on_chip_bytes, Cycles start);
};

class Accelerator : public sc_core::sc_module {
 public:
  Accelerator(const sc_core::sc_module_name& name, const Description& machine, const EnergyModel& energy,
              Fidelity fidelity, ProcessGuard& guard, ChipMemory& memory);
  // Of its DMA, to be bound to the memory or to what stands before it.
  [[nodiscard]] tlm::tlm_initiator_socket<>& to_memory() { return dma_.dram.socket; }

  // Signals of the tile, their names after `prefix`, for a waveform that outlives the run.
  void trace(Waveform& waveform, const std::string& prefix, int pe);
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
  [[nodiscard]] Cycles layer_cycles() const { return result_.cycles; }
  // Of a sampled layer that is over: what was computed, and the spread of cycles and energy.
  [[nodiscard]] SampledPart sampled(const LayerSample::Slopes& slopes) const {
    return pieces_->sampled(slopes);
  }
  // Sums of the layer last run.
  [[nodiscard]] const Ofmap& sums() const { return pieces_->whole() ? array_.sums() : sums_; }

 private:
  // The sequencer's process: one pass after another.
  void sequence();
  void prepare();   // the array is free: bring what the next pass lacks
  void begin();     // everything is there: start the pass
  void start();     // on the array; a sample hears what it takes
  void finish();    // the pass is over: account for it, send results off
  void prefetch();  // under the running pass: what the next one needs
  // A transfer leaves the link at `until`, absolute.
  void show_dram(MachineObserver::Operand operand, const Step& step, Bytes bytes, Cycles until);
  // Absolute times of a transfer's end: without, and with the network between DRAM and tiles.
  struct Ready {
    Cycles memory, network;
  };
  static Ready later(const Ready& a, const Ready& b) {
    return {std::max(a.memory, b.memory), std::max(a.network, b.network)};
  }
  [[nodiscard]] Ready ready(const Dma::Moved& moved);
  // What the next step lacks; its slice of weights may still be there from an earlier one.
  [[nodiscard]] bool lacks_weights(const PieceStep& next) const;
  Ready load_weights(const PieceStep& next, Cycles start);
  Ready load_ifmap(const PieceStep& next, Cycles start);
  // The array waits from now on; `pes` of it have work that waits, the others none. Returns how long.
  Cycles wait_for(const Ready& ready, std::int64_t pes);
  void store_ofmap();

  void quiesce();
  [[nodiscard]] MemoryCounters memory_counters() const;

  const Description& machine_;
  const EnergyModel& energy_;
  ProcessGuard& guard_;

  ChipMemory& memory_;
  Buffer fmaps_, filters_;
  std::unique_ptr<Buffer> accumulators_;
  Dma dma_;
  PeArray array_;
  std::unique_ptr<ArrayNetwork> network_;

  sc_core::sc_event wake_;
  enum class State { asleep, waiting_for_dram, running } state_ = State::asleep;

  // The layer being run.
  const Layer* layer_ = nullptr;
  std::unique_ptr<LayerPieces> pieces_;
  std::optional<PieceStep> step_, next_;
  std::shared_ptr<LayerPiece> piece_;  // that the array has
  FilterRing filter_ring_;
  Ofmap sums_;  // of a layer in several pieces
  Ready weights_ready_, ifmap_ready_, stores_done_;
  Cycles layer_start_;                                // absolute
  bool weights_asked_ = false, ifmap_asked_ = false;  // for the step to come
  std::int64_t run_length_pairs_ = 0;
  Activity activity_;
  LayerResult result_;
  std::int64_t active_pe_cycles_ = 0;

  std::optional<WaveformSignals> signals_;
  MachineObservers observers_;
};

}  // namespace basil
