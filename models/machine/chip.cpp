#include "models/machine/chip.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "models/layer/block_sums.h"
#include "models/mapping/poor_mapping.h"
#include "traces/encodings/encode.h"
#include "traces/pieces/filter_range.h"

namespace basil {
namespace {

// Filters of each tile: whole groups where there are several, so that a tile needs its own channels only.
std::vector<Range> deal_filters(const LayerShape& shape, int tiles) {
  const int unit = shape.groups > 1 ? shape.filters_per_group() : 1;
  const int units = shape.K / unit;
  std::vector<Range> ranges;
  for (int tile = 0; tile < tiles; ++tile) {
    const auto first = static_cast<int>(std::int64_t{units} * tile / tiles) * unit;
    const auto end = static_cast<int>(std::int64_t{units} * (tile + 1) / tiles) * unit;
    if (first < end) ranges.push_back({first, end});
  }
  return ranges;
}

void add(LayerResult& sum, const LayerResult& tile) {
  sum.passes += tile.passes;
  sum.processing = std::max(sum.processing, tile.processing);
  if (tile.dram_stall >= sum.dram_stall) sum.dram_waits = tile.dram_waits;  // of the tile that waits longest
  sum.dram_stall = std::max(sum.dram_stall, tile.dram_stall);
  sum.bins += tile.bins;
  sum.energy += tile.energy;
  sum.gated += tile.gated;
  sum.active_pes += tile.active_pes;
  sum.mapped_pes += tile.mapped_pes;
  sum.dram_weights += tile.dram_weights;
  sum.dram_ifmap += tile.dram_ifmap;
  sum.dram_ofmap += tile.dram_ofmap;
  sum.buffer_read += tile.buffer_read;
  sum.buffer_written += tile.buffer_written;
  sum.buffer_array += tile.buffer_array;
  sum.noc += tile.noc;
  sum.array_noc.packets += tile.array_noc.packets;
  sum.array_noc.crossings += tile.array_noc.crossings;
  sum.array_noc.busiest = std::max(sum.array_noc.busiest, tile.array_noc.busiest);
  sum.bank_conflicts += tile.bank_conflicts;
  sum.sums += tile.sums;
}

}  // namespace

Chip::Chip(const Description& machine, const EnergyModel& energy, Fidelity fidelity, ProcessGuard& guard,
           Mapper& mapper, std::unique_ptr<OffChip> memory)
    : machine_(machine),
      energy_(energy),
      guard_(guard),
      memory_(std::make_unique<ChipMemory>(machine, energy, std::move(memory))) {
  for (int tile = 0; tile < machine.tiles; ++tile) {
    const std::string name = machine.tiles == 1 ? "machine" : fmt::format("tile{}", tile);
    tiles_.push_back(
        std::make_unique<Accelerator>(name.c_str(), machine, energy, fidelity, guard, *memory_, mapper));
  }
  connect(fidelity);
}

void Chip::connect(Fidelity fidelity) {
  if (tiles_.size() == 1 || !machine_.noc.routed()) {
    for (const auto& tile : tiles_) memory_->bind(tile->to_memory());
    return;
  }
  network_ = std::make_unique<Interconnect>(chip_topology(machine_), router_parameters(machine_),
                                            level_of(fidelity));
  NocEnds ends{.flit_bits = machine_.noc.routers.flit_bits, .packet_flits = machine_.noc.routers.packet};
  for (std::size_t tile = 0; tile < tiles_.size(); ++tile)
    ends.arrays.push_back({static_cast<NodeId>(tile + 1)});
  network_end_ = std::make_unique<NocTarget>("chip_network", *network_, std::move(ends));
  for (const auto& tile : tiles_) tile->to_memory().bind(network_end_->from_array);
  memory_->bind(network_end_->to_memory);
}

// The many links after all else, so that a viewer begins with the little that says most.
void Chip::trace(Waveform& waveform, const WaveformOptions& options, const std::vector<std::string>& layers) {
  const auto prefix = [&](std::size_t tile) {
    return tiles_.size() == 1 ? std::string() : fmt::format("tile{}.", tile);
  };
  for (std::size_t tile = 0; tile < tiles_.size(); ++tile) {
    tiles_[tile]->trace_signals(waveform,
                                {.prefix = prefix(tile),
                                 .layers = layers,
                                 .pes = machine_.pes(),
                                 .sample = options.sample,
                                 .shared_network = machine_.noc.routed() && machine_.tiles > 1},
                                options.pe);
  }
  memory_->trace(waveform);
  if (network_) network_signals_.emplace(waveform, *network_, "chip_noc", std::vector<NodeId>{0});
  for (std::size_t tile = 0; tile < tiles_.size(); ++tile)
    tiles_[tile]->trace_network(waveform, prefix(tile));
}

void Chip::observe(Timeline& timeline) {
  for (std::size_t tile = 0; tile < tiles_.size(); ++tile) tiles_[tile]->observe(timeline.tile(tile));
}

LayerResult Chip::run(const Layer& layer, bool coded_ifmap, const std::optional<SampleOptions>& sample) {
  shares_.clear();
  memory_->quiesce();
  if (network_) network_->reset();
  for (const auto& tile : tiles_) tile->announce_layer(layers_run_, layer.name);
  ++layers_run_;
  if (tiles_.size() == 1) {
    tiles_[0]->begin_layer(layer, coded_ifmap, sample);
  } else {
    for (const Range filters : deal_filters(layer.shape, machine_.tiles)) {
      shares_.push_back({filters, with_filters(layer, filters.first, filters.end)});
    }
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      tiles_[i]->begin_layer(shares_[i].layer, coded_ifmap, sample);
    }
  }
  start_and_rethrow(guard_);
  LayerResult result = merged(layer);
  if (sample) result.sample = sampled(result);
  if (tiles_.size() > 1) gather_sums(layer);
  close(layer, coded_ifmap, result);
  return result;
}

std::int64_t Chip::passes_begun() const {
  std::int64_t passes = 0;
  for (std::size_t i = 0; i < busy_tiles(); ++i) passes += tiles_[i]->passes_begun();
  return passes;
}

LayerResult Chip::merged(const Layer& layer) {
  const std::size_t busy = busy_tiles();
  Cycles cycles;
  for (std::size_t i = 0; i < busy; ++i) cycles = std::max(cycles, tiles_[i]->layer_cycles());
  LayerResult result;
  for (std::size_t i = 0; i < busy; ++i) {
    const LayerResult tile = tiles_[i]->end_layer(cycles);
    if (i == 0) result.mapping = tile.mapping;
    add(result, tile);
  }
  if (busy < tiles_.size()) {  // tiles without a filter only leak
    const auto idle = static_cast<std::int64_t>(tiles_.size() - busy);
    result.bins.add(Bin::idle, idle * machine_.pes() * cycles.value);
    for (std::int64_t i = 0; i < idle; ++i) result.energy += energy_.account({}, {}, cycles);
  }
  memory_->add_energy(cycles, result.energy);
  if (network_) {
    const NocActivity moved = network_->activity();
    energy_.add_chip_network(moved, cycles, result.energy);
    result.chip_noc = {moved.packets, moved.routers.crossings,
                       Cycles(network_->busiest_link() * machine_.noc.routers.link_cycles)};
  }
  if (tiles_.size() > 1) result.mapping += fmt::format(", {} tiles", busy);
  result.cycles = cycles;
  result.name = layer.name;
  result.kind = layer.kind;
  result.shape = layer.shape;
  result.macs = layer.shape.macs();
  return result;
}

// The tiles' spreads add up. For cycles, whose sum no one waits for, that is more than the slowest tile's.
SampledPart Chip::sampled(const LayerResult& result) const {
  const double dram = result.energy.of("dram").value;
  constexpr std::int64_t sample_bytes = 1 << 20;
  const LayerSample::Slopes slopes{
      .cycles_a_byte = static_cast<double>(memory_->transfer_time(Bytes(sample_bytes)).value) / sample_bytes,
      .pj_a_byte = dram / static_cast<double>(std::max<std::int64_t>(1, result.dram().value)),
      .pj_a_cycle = machine_.memory->prices != nullptr ? dram / static_cast<double>(result.cycles.value) : 0};
  SampledPart all;
  for (std::size_t i = 0; i < busy_tiles(); ++i) {
    const SampledPart part = tiles_[i]->sampled(slopes);
    all.passes += part.passes;
    all.cycles += part.cycles;
    all.energy_pj += part.energy_pj;
  }
  return all;
}

void Chip::gather_sums(const Layer& layer) {
  sums_ = blank_sums(layer);
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    LayerBox box = box_of(layer.shape);
    box.filters = shares_[i].filters;
    put_sums(sums_, tiles_[i]->sums(), box);
  }
}

LayerBox Chip::moved_to_share(LayerBox box, std::size_t tile) const {
  if (tiles_.size() == 1) return box;
  const int first = shares_[tile].filters.first;
  box.filters = {box.filters.first + first, box.filters.end + first};
  return box;
}

std::vector<LayerPieces::Reduction> Chip::reductions() const {
  std::vector<LayerPieces::Reduction> all;
  for (std::size_t i = 0; i < busy_tiles(); ++i) {
    for (const LayerPieces::Reduction& reduction : tiles_[i]->reductions())
      all.push_back({moved_to_share(reduction.box, i), reduction.order});
  }
  return all;
}

std::optional<WidePsum> Chip::widest_overflow() const {
  std::optional<WidePsum> widest;
  for (std::size_t i = 0; i < busy_tiles(); ++i) {
    const std::optional<WidePsum>& found = tiles_[i]->widest_overflow();
    if (!found) continue;
    const Ofmap& share = tiles_[i]->sums();
    const LayerBox all{{0, share.N}, {0, share.P}, {0, share.Q}, {0, share.K}, {}};
    keep_wider(widest, {place_in_layer(sums(), moved_to_share(all, i), found->output), found->psum});
  }
  return widest;
}

void Chip::close(const Layer& layer, bool coded_ifmap, LayerResult& result) const {
  const std::string where = "layer " + layer.name;
  const std::int64_t pes = machine_.pes() * machine_.tiles;
  result.utilisation = static_cast<double>(result.bins[Bin::compute] + result.bins[Bin::gated]) /
                       static_cast<double>(pes * result.cycles.value);
  result.bins.close(pes, result.cycles, where);
  if (auto warning =
          poor_mapping(layer, machine_, result.mapped_pes / static_cast<std::int64_t>(busy_tiles())))
    result.warnings.push_back(*std::move(warning));
  result.energy.close(where);

  const bool own_work = layer.weights.encoding->own_operations;
  const LayerTraffic traffic(layer, machine_, coded_ifmap);
  result.weights = {.encoded = traffic.encoded_weights(),
                    .moved = traffic.all_weights(),
                    .trace_bits = only_weights(layer.weights.encoding) ? machine_.weight_bits()
                                                                       : bits_of(layer.weights.dtype),
                    .kept_bits = machine_.weight_bits()};
  result.bound.effectual_macs = own_work ? result.bins[Bin::compute] : effectual_macs(layer);
  const Bytes ofmap =
      result.wholly_computed() ? traffic.all_ofmap(sums()) : result.dram_ofmap;  // each block leaves once
  result.bound.bytes = traffic.all_weights() + traffic.needed_ifmap() + ofmap;
  const Cycles computing(ceil_div(result.bound.effectual_macs, pes));
  const Cycles moving = memory_->transfer_time(result.bound.bytes);
  result.bound.by_memory = moving > computing;
  result.bound.cycles = std::max(computing, moving);
}

}  // namespace basil
