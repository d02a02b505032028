#include "models/report/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace basil {
namespace {

inline constexpr std::size_t shown_causes = 3;

std::string share(double part, double whole) {
  const double percent = whole > 0 ? 100 * part / whole : 0;
  return percent < 1 ? "<1 %" : fmt::format("{:.0f} %", percent);
}

std::string twice(const char* key, double value) { return fmt::format("{}={:g}", key, 2 * value); }

// A bus, and the ports of the buffer at its other end; or routers, which all streams share.
Relief twice_the_bus(const char* words, const char* bus, int bits, const char* ports, int port_bits,
                     const Description& machine) {
  if (machine.noc.routed())
    return {"twice the network's links", {twice("noc.routers.flit_bits", machine.noc.routers.flit_bits)}};
  return {words, {twice(bus, bits), twice(ports, port_bits)}};
}

}  // namespace

std::string_view to_string(CauseKind kind) {
  constexpr std::array<std::string_view, cause_kinds> words{
      "weights from DRAM at the first load",
      "weights from DRAM in steady state",
      "ifmap from DRAM at the first load",
      "ifmap from DRAM in steady state",
      "ofmap to DRAM in steady state",
      "ofmap to DRAM after the last pass",
      "multiplying",
      "slots spent on zeros",
      "PEs that wait for slower ones",
      "weights from the buffer to the PEs",
      "ifmap from the buffer to the PEs",
      "psums to the PEs",
      "the network between buffers and PEs",
      "sums out of the array",
      "PEs without work while others have some",
  };
  return words[static_cast<std::size_t>(kind)];
}

std::vector<double> cause_cycles(const LayerResult& layer, std::int64_t pes) {
  std::vector<double> cycles(cause_kinds, 0);
  const auto set = [&](CauseKind kind, double value) { cycles[static_cast<std::size_t>(kind)] = value; };
  const auto wait = [&](CauseKind first, CauseKind steady, const DramWaits::Wait& waited) {
    set(first, static_cast<double>(waited.edge.value));
    set(steady, static_cast<double>(waited.steady.value));
  };
  wait(CauseKind::weights_first, CauseKind::weights_steady, layer.dram_waits.weights);
  wait(CauseKind::ifmap_first, CauseKind::ifmap_steady, layer.dram_waits.ifmap);
  wait(CauseKind::ofmap_last, CauseKind::ofmap_steady, layer.dram_waits.ofmap);
  for (const auto& [kind, bin] : {std::pair{CauseKind::multiplying, Bin::compute},
                                  {CauseKind::gated, Bin::gated},
                                  {CauseKind::imbalance, Bin::imbalance},
                                  {CauseKind::wait_weights, Bin::wait_weights},
                                  {CauseKind::wait_activations, Bin::wait_activations},
                                  {CauseKind::wait_psums, Bin::wait_psums},
                                  {CauseKind::noc, Bin::noc},
                                  {CauseKind::drain, Bin::drain}})
    set(kind, static_cast<double>(layer.bins[bin]) / static_cast<double>(pes));
  // PEs also idle while the array waits for DRAM: what is left is the idleness of passes.
  double others = 0;
  for (const double of_kind : cycles) others += of_kind;
  set(CauseKind::idle, std::max(0.0, static_cast<double>(layer.cycles.value) - others));
  return cycles;
}

std::vector<Cause> costliest_causes(const Result& result) {
  std::vector<Cause> causes(cause_kinds);
  for (int kind = 0; kind < cause_kinds; ++kind)
    causes[static_cast<std::size_t>(kind)].kind = static_cast<CauseKind>(kind);
  for (std::size_t layer = 0; layer < result.layers.size(); ++layer) {
    const std::vector<double> cycles = cause_cycles(result.layers[layer], result.pes);
    for (std::size_t kind = 0; kind < cycles.size(); ++kind) {
      if (cycles[kind] <= 0) continue;
      Cause& cause = causes[kind];
      cause.cycles += cycles[kind];
      ++cause.layers;
      if (cycles[kind] > cause.worst_cycles) {
        cause.worst = layer;
        cause.worst_cycles = cycles[kind];
      }
    }
  }
  std::erase_if(causes, [](const Cause& cause) { return cause.layers == 0; });
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause& a, const Cause& b) { return a.cycles > b.cycles; });
  causes.resize(std::min(causes.size(), shown_causes));
  return causes;
}

std::optional<Relief> relief_of(CauseKind kind, const Description& machine) {
  const Noc& noc = machine.noc;
  const char* const sums_ports =
      machine.accumulators ? "buffers.accumulators.port_bits" : "buffers.fmaps.port_bits";
  const int fmaps = machine.fmap_buffer.port_bits,
            sums = machine.accumulators ? machine.accumulators->port_bits : fmaps;
  switch (kind) {
    case CauseKind::weights_first:
    case CauseKind::weights_steady:
    case CauseKind::ifmap_first:
    case CauseKind::ifmap_steady:
    case CauseKind::ofmap_steady:
    case CauseKind::ofmap_last:
      return Relief{"twice the DRAM link",
                    {twice("dram.link_mhz", static_cast<double>(machine.dram.link_khz) / 1000)}};
    case CauseKind::multiplying:
    case CauseKind::gated:
      return Relief{"twice the rows of PEs", {twice("array.rows", machine.rows)}};
    case CauseKind::wait_weights:
      return twice_the_bus("twice the filter bus", "noc.filter_bits", noc.filter_bits,
                           "buffers.filters.port_bits", machine.filter_buffer.port_bits, machine);
    case CauseKind::wait_activations:
      return twice_the_bus("twice the ifmap bus", "noc.ifmap_bits", noc.ifmap_bits, "buffers.fmaps.port_bits",
                           fmaps, machine);
    case CauseKind::wait_psums:
      return twice_the_bus("twice the psum-in bus", "noc.psum_in_bits", noc.psum_in_bits, sums_ports, sums,
                           machine);
    case CauseKind::noc:
    case CauseKind::drain:
      return twice_the_bus("twice the psum-out bus", "noc.psum_out_bits", noc.psum_out_bits, sums_ports, sums,
                           machine);
    case CauseKind::imbalance:
    case CauseKind::idle:
      break;
  }
  return std::nullopt;
}

std::string sentence(const Result& result, const Cause& cause, const std::optional<Gain>& gain) {
  std::string text = fmt::format("{}, {} of all cycles", to_string(cause.kind),
                                 share(cause.cycles, static_cast<double>(result.cycles().value)));
  if (result.layers.size() > 1) {
    const LayerResult& worst = result.layers[cause.worst];
    text += fmt::format(", {} in {} ({} of its own)", cause.layers == 1 ? "all" : "worst", worst.name,
                        share(cause.worst_cycles, static_cast<double>(worst.cycles.value)));
  }
  if (!gain) return text;
  if (gain->relief.empty()) return text + "; no key of the machine stands for its relief";
  if (!gain->refused.empty()) return text + fmt::format("; {} is refused: {}", gain->relief, gain->refused);
  return text + fmt::format("; {} gives {:.2f}x", gain->relief, gain->speedup);
}

}  // namespace basil
