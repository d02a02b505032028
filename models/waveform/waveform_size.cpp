#include "models/waveform/waveform_size.h"

#include <algorithm>

#include "core/error.h"
#include "models/waveform/waveform.h"

namespace basil {
namespace {

inline constexpr std::int64_t samples = 1000;

// All of the following are measured, on every machine with the networks of traces/samples: bytes of changes
// and of the times before them.
inline constexpr double bytes_a_row = 45;  // of the head

double bytes_of_links(const Description& machine) {
  if (!machine.noc.routed()) return 0;
  constexpr int most_nodes = 64, rows_a_node = 12;  // links in and out, busy and flits; more nodes show few
  const int nodes = machine.noc.routers.cols * machine.noc.routers.rows;
  return bytes_a_row * rows_a_node * std::min(nodes, most_nodes) * machine.tiles;
}

double bytes_of_head(const Description& machine, Fidelity fidelity) {
  constexpr double rows_a_tile = 20, rows_a_bank = 2.5, rows_a_channel = 9;
  double bytes = bytes_a_row * rows_a_tile * machine.tiles + bytes_of_links(machine);
  if (fidelity == Fidelity::cycle)
    bytes += bytes_a_row * static_cast<double>(machine.dataflow->signals(machine).size()) * machine.tiles;
  if (machine.dram_device) {
    const DramOrganisation& o = machine.dram_device->organisation;
    bytes += bytes_a_row * o.channels * (rows_a_channel + rows_a_bank * o.ranks * o.banks_a_rank());
  }
  return bytes;
}

// DRAM commands: bursts with their share of activates, and states of the banks that are refreshed.
double bytes_of_commands(const LayerResult& layer, const Description& machine) {
  if (!machine.dram_device) return 0;
  constexpr double bytes_a_burst = 130, bytes_a_bank = 30;
  const DramOrganisation& o = machine.dram_device->organisation;
  const DramTiming& timing = machine.dram_device->timing;
  const double clocks = static_cast<double>(layer.cycles.value) * 1e6 /
                        (machine.clock_mhz * static_cast<double>(timing.tCK_ps));
  const double refreshes =
      machine.dram_device->policy.refresh ? clocks / static_cast<double>(timing.tREFI) : 0;
  return bytes_a_burst * static_cast<double>(layer.dram().value) /
             static_cast<double>(o.burst_bytes().value) +
         bytes_a_bank * refreshes * o.channels * o.ranks * o.banks_a_rank();
}

// Of a cycle that is clocked. What of a PE changes in it goes with how often a mapped PE works; in an array
// that a unit brings, with what its signals are wide.
double bytes_a_cycle(const LayerResult& layer, const Description& machine) {
  if (machine.dataflow->waveform_bytes == nullptr) return 0;
  const double mapped = layer.active_pes * static_cast<double>(layer.processing.value);
  const double at_work =
      static_cast<double>(layer.bins[Bin::compute] + layer.bins[Bin::gated]) / std::max(1.0, mapped);
  return machine.dataflow->waveform_bytes(machine, at_work);
}

double bytes_of(const LayerResult& layer, const Description& machine, Fidelity fidelity) {
  constexpr double bytes_a_pass = 370, bytes_a_crossing = 4, bytes_a_clocked_crossing = 18;
  const bool clocked = fidelity == Fidelity::cycle;
  return bytes_a_pass * static_cast<double>(layer.passes) + bytes_of_commands(layer, machine) +
         (clocked ? bytes_a_clocked_crossing : bytes_a_crossing) *
             static_cast<double>(layer.array_noc.crossings + layer.chip_noc.crossings) +
         (clocked
              ? bytes_a_cycle(layer, machine) * static_cast<double>(layer.processing.value) * machine.tiles
              : 0);
}

// The first and the last cycle to show, of a run that has so many.
std::pair<Cycles, Cycles> shown(const WaveformOptions& options, Cycles end) {
  if (!options.window) return {Cycles(0), end};
  return {std::min(options.window->first, end), std::min(options.window->second + Cycles(1), end)};
}

}  // namespace

double waveform_bytes(const Result& rehearsal, const Description& machine, Fidelity fidelity,
                      const WaveformOptions& options) {
  const auto [first, last] = shown(options, rehearsal.cycles());
  double bytes = bytes_of_head(machine, fidelity);
  Cycles start;
  for (const LayerResult& layer : rehearsal.layers) {
    const Cycles end = start + layer.cycles;
    const Cycles inside = std::max(Cycles(0), std::min(end, last) - std::max(start, first));
    bytes += bytes_of(layer, machine, fidelity) * static_cast<double>(inside.value) /
             static_cast<double>(std::max<std::int64_t>(1, layer.cycles.value));
    start = end;
  }
  return bytes;
}

void plan_waveform(WaveformOptions& options, const Result& rehearsal, const Description& machine,
                   Fidelity fidelity) {
  const auto [first, last] = shown(options, rehearsal.cycles());
  options.sample = std::max(Cycles(1), Cycles((last - first).value / samples));
  check_waveform_size(
      options, waveform_bytes(rehearsal, machine, fidelity, options),
      "choose " + field_name("options.layers") + " or " + field_name("options.waveform.window"));
}

}  // namespace basil
