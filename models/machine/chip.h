// A chip: DRAM, and one or more tiles that share it. A layer's filters are dealt out to the tiles in
// stretches.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "memory/noc/noc_target.h"
#include "models/machine/accelerator.h"
#include "models/waveform/link_signals.h"
#include "models/waveform/timeline.h"

namespace basil {

class Chip {
 public:
  // `memory`: the user's own, or none (models/machine/chip_memory.h).
  Chip(const Description& machine, const EnergyModel& energy, Fidelity fidelity, ProcessGuard& guard,
       Mapper& mapper, std::unique_ptr<OffChip> memory = nullptr);

  // What a waveform of it must tell apart.
  [[nodiscard]] Waveform::Resolution resolution() const { return memory_->resolution(); }
  // Signals for a waveform that outlives the run; those of several tiles are named tile0., tile1., ...
  void trace(Waveform& waveform, int pe);

  // Shows the run on it, which must outlive the run.
  void observe(Timeline& timeline);

  // Runs one layer from now until its last result is in DRAM; returns its account. `coded_ifmap`: its input
  // comes coded as the machine's feature maps are. With `sample` a part of it is computed, the rest
  // estimated. Called outside the simulation; runs the kernel.
  LayerResult run(const Layer& layer, bool coded_ifmap, const std::optional<SampleOptions>& sample);
  // Of the layer last run.
  [[nodiscard]] std::vector<LayerPieces::Reduction> reductions() const;
  [[nodiscard]] std::optional<WidePsum> widest_overflow() const;
  // Sums of the layer last run.
  [[nodiscard]] const Ofmap& sums() const { return tiles_.size() == 1 ? tiles_[0]->sums() : sums_; }

 private:
  // A tile's share of the layer.
  struct Share {
    Range filters;
    Layer layer;
  };

  void connect(Fidelity fidelity);
  // Tiles with a share in the layer.
  [[nodiscard]] std::size_t busy_tiles() const { return tiles_.size() == 1 ? 1 : shares_.size(); }
  void gather_sums(const Layer& layer);
  // A box of a tile's share in the layer.
  [[nodiscard]] LayerBox moved_to_share(LayerBox box, std::size_t tile) const;
  [[nodiscard]] SampledPart sampled(const LayerResult& result) const;
  [[nodiscard]] LayerResult merged(const Layer& layer);
  void close(const Layer& layer, bool coded_ifmap, LayerResult& result) const;

  const Description& machine_;
  const EnergyModel& energy_;
  ProcessGuard& guard_;
  std::unique_ptr<ChipMemory> memory_;
  // Where tiles share DRAM over routers.
  std::unique_ptr<Interconnect> network_;
  std::unique_ptr<NocTarget> network_end_;
  std::optional<LinkSignals> network_signals_;
  std::vector<std::unique_ptr<Accelerator>> tiles_;
  std::size_t layers_run_ = 0;
  std::vector<Share> shares_;  // of several tiles; tiles beyond them have nothing to do
  Ofmap sums_;                 // of several tiles
};

}  // namespace basil
