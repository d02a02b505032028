#include "testbenches/selftests/eyeriss_chip.h"

#include <fmt/format.h>

namespace basil {
namespace {

std::string cell(double ours, double theirs, int decimals) {
  return fmt::format("{:>8.{}f} {:>7.{}f} {:>+6.1f}%", ours, decimals, theirs, decimals,
                     deviation(ours, theirs));
}

std::string row(const ChipLayer& ours, const ChipLayer& theirs) {
  return fmt::format("{:<6} {} {} {} {} {} {}\n", theirs.layer,
                     cell(ours.processing_ms, theirs.processing_ms, 1),
                     cell(ours.total_ms, theirs.total_ms, 1), cell(ours.active_pes, theirs.active_pes, 0),
                     cell(ours.buffer_mb, theirs.buffer_mb, 1), cell(ours.dram_mb, theirs.dram_mb, 1),
                     cell(ours.power_mw, theirs.power_mw, 0));
}

}  // namespace

double deviation(double ours, double theirs) { return 100.0 * (ours - theirs) / theirs; }

Picojoules dram_energy(const EnergyAccount& account) {
  Picojoules sum;
  for (const EnergyLine& line : account.lines()) {
    if (line.item.starts_with("dram_")) sum += line.energy();
  }
  return sum;
}

ChipLayer on_chip(const LayerResult& layer, const Result& result, const char* name) {
  const double on_chip_pj = layer.energy.total().value - dram_energy(layer.energy).value;
  const double total = result.seconds(layer.cycles);
  return {.layer = name,
          .processing_ms = 1e3 * result.seconds(layer.processing),
          .total_ms = 1e3 * total,
          .power_mw = on_chip_pj * 1e-9 / total,
          .active_pes = static_cast<double>(layer.mapped_pes),
          .buffer_mb = static_cast<double>(layer.buffer_array.value) * 1e-6,
          .dram_mb = static_cast<double>(layer.dram().value) * 1e-6};
}

ChipLayer in_all(std::span<const ChipLayer> layers) {
  ChipLayer all{.layer = "all",
                .processing_ms = 0,
                .total_ms = 0,
                .power_mw = 0,
                .active_pes = 0,
                .buffer_mb = 0,
                .dram_mb = 0};
  for (const ChipLayer& layer : layers) {
    all.processing_ms += layer.processing_ms;
    all.total_ms += layer.total_ms;
    all.power_mw += layer.power_mw * layer.total_ms;
    all.active_pes += layer.active_pes * layer.processing_ms;
    all.buffer_mb += layer.buffer_mb;
    all.dram_mb += layer.dram_mb;
  }
  all.power_mw /= all.total_ms;
  all.active_pes /= all.processing_ms;
  return all;
}

void show_chip(Figures& figures, std::span<const ChipLayer> ours, std::span<const ChipLayer> published) {
  std::string text = fmt::format("{:<6} {:^24} {:^24} {:^24} {:^24} {:^24} {:^24}\n", "layer",
                                 "processing ms", "total ms", "active PEs", "GLB MB", "DRAM MB", "power mW");
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const ChipLayer &a = ours[i], &b = published[i];
    text += row(a, b);
    figures.json()["layers"].push_back({{"layer", b.layer},
                                        {"processing_ms", {a.processing_ms, b.processing_ms}},
                                        {"total_ms", {a.total_ms, b.total_ms}},
                                        {"active_pes", {a.active_pes, b.active_pes}},
                                        {"buffer_mb", {a.buffer_mb, b.buffer_mb}},
                                        {"dram_mb", {a.dram_mb, b.dram_mb}},
                                        {"power_mw", {a.power_mw, b.power_mw}}});
  }
  figures.table("each figure: ours, published, deviation; synthetic trace\n\n" + text +
                row(in_all(ours), in_all(published)) + "\n");
}

void show_area(const Result& result, Figures& figures) {
  constexpr double core_mm2 = 12.25;
  std::string text = "\nArea, mm2\n";
  for (const AreaLine& line : result.area) {
    text += fmt::format("  {:<10} {:<14} {:<10} x {:<5g} {:>8.4f}\n", line.group, line.name, line.built,
                        line.instances, line.mm2);
    figures.json()["area"].push_back({{"name", line.name}, {"mm2", line.mm2}});
  }
  text += fmt::format("  {:<46} {:>8.4f}, the chip's core {:.2f}\n", "in all", result.area_mm2, core_mm2);
  figures.show("area mm2", result.area_mm2, core_mm2, "parts are missing, see the notes");
  figures.notes(
      text +
      R"(  What the chip has and the tables do not: control of each PE and of the chip with its configuration
  chain; the FIFOs at a PE's door and the tags and controllers of the multicast buses; DMA and the sequencer of
  layers; the clock tree; test logic, redundancy and power rings of its SRAM macros, which CACTI's lack; pads; and what
  is no cell at all: placed cells leave room for wires and the power grid, so that a core is 60 to 80 % full.
)");
}

}  // namespace basil
