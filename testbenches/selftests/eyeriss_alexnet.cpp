// AlexNet's convolutions, batch 4, on eyeriss with its published mappings, against Table V of Chen et al.,
// JSSC 2017. Weights and inputs are drawn at the published densities; what is compared depends on shapes,
// mapping and density alone.
#include <fmt/format.h>

#include <array>
#include <span>
#include <vector>

#include "models/presets/embedded.h"
#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "testbenches/selftests/eyeriss_chip.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

constexpr std::array<ChipLayer, 5> published{{{"CONV1", 16.5, 20.9, 332, 154, 18.5, 5.0},
                                              {"CONV2", 39.2, 41.9, 288, 135, 77.6, 4.0},
                                              {"CONV3", 21.8, 23.6, 266, 156, 50.2, 3.0},
                                              {"CONV4", 16.0, 18.4, 235, 156, 37.4, 2.1},
                                              {"CONV5", 10.0, 10.5, 236, 156, 24.9, 1.3}}};
constexpr double accesses_a_mac = 0.0029;  // of DRAM, 16-bit words: the paper's abstract

constexpr const char* share_notes = R"(
  The paper gives no share of the DRAM: the chip's power is measured without it. Beside our share stand two of
  other mixtures. Chip's power: our DRAM's energy next to what the chip was measured to take, power x total time;
  lower than ours, since the tables' on-chip energy is below the chip's (see power). Paper's accesses: the
  paper's energies an access (MAC and spad 1, PE to PE 2, GLB 6, DRAM 200) times its bytes of GLB and DRAM and
  our counts of the others; higher than ours, since a 16-bit word read from this DRAM costs 16 x 8.47 = 136 pJ,
  which is 73 of the table's MACs of 1.85 pJ, not 200. These rows leave out standby and refresh, which a device
  behind the link has: --set dram.device=lpddr4-3200.
)";

constexpr const char* notes =
    R"(a layer's figures are held so: active PEs asserted; processing and total time within 25 %, GLB within 1 %
(CONV3 shown only), DRAM within 15 %; power shown only. Notes, by mechanism:
  processing  a pass loads its filters before it starts, its first windows wait for the ifmap bus, and every
              psum a PE takes in costs its adder a slot: p slots a window of p*q*S products. We charge that slot
              to every PE of a column, as the single adder of the PE asks; the chip's figure for CONV5 leaves
              less than that above its products (4 %), with the very mapping of CONV4 (11 %).
              FIFOs of 4 psums stand between the PEs of a column; a full one holds up the PE above and, where that
              waits, the shared ifmap bus. Their depth is recalled, not printed: with 8 (noc.psum_fifo) CONV1 to
              CONV5 take 4 to 9 % less. The depth of the ifmap FIFO changes nothing here.
  total       adds the DRAM phases of the feature maps; filters are prefetched under the processing.
  GLB         counted as the paper does: ifmap words and psums between buffer and array, and finished ofmaps
              out; not filters, not the filling of the buffer. CONV3's figure does not follow from its printed
              q and r (they give 68.7 MB; q*r = 6 would give 49.6 MB).
  DRAM        filters once a pass, 16 bit; feature maps run-length coded row by row at the published densities,
              drawn without the clusters of real maps, but for CONV1's input.
  power       without DRAM, over the total time. The technology tables have no clock tree (a third and more of
              the chip) and no pads or control, so the figure stays below the measured one.
)";

// By the paper's energies an access, in those of a MAC: of the chip, and of the DRAM.
struct Normalised {
  double chip = 0, dram = 0;
};

Normalised by_the_papers_accesses(const EnergyAccount& account, const ChipLayer& paper) {
  constexpr double spad = 1, link = 2, buffer = 6, dram = 200, word_bits = 16, words_a_mb = 1e6 / 2;
  Normalised sum{.chip = buffer * paper.buffer_mb * words_a_mb, .dram = dram * paper.dram_mb * words_a_mb};
  for (const EnergyLine& line : account.lines()) {
    if (line.item == "mac_int16") sum.chip += line.count;
    if (line.component == "spad" && line.item.find(" spad ") != std::string::npos)
      sum.chip += spad * line.count;
    if (line.item == "link between PEs, per bit") sum.chip += link * line.count / word_bits;
  }
  return sum;
}

double uj(Picojoules energy) { return energy.value * 1e-6; }

// The paper gives no share, so the table's is shown beside two of other mixtures.
void show_dram_share(const Result& result, Figures& figures) {
  std::string text =
      fmt::format("DRAM in the energy\n{:<6} {:>9} {:>12} {:>8} {:>20} {:>20}\n", "layer", "DRAM uJ",
                  "on chip uJ", "share", "with chip's power", "by paper's accesses");
  const auto row = [&](const std::string& layer, double dram, double chip, double measured_chip,
                       const Normalised& normalised) {
    const double share = dram / (dram + chip), beside_measured = dram / (dram + measured_chip),
                 by_accesses = normalised.dram / (normalised.dram + normalised.chip);
    text += fmt::format("{:<6} {:>9.1f} {:>12.1f} {:>7.1f}% {:>19.1f}% {:>19.1f}%\n", layer, dram, chip,
                        100 * share, 100 * beside_measured, 100 * by_accesses);
    figures.json()["dram_share"].push_back({{"layer", layer},
                                            {"dram_uj", dram},
                                            {"on_chip_uj", chip},
                                            {"share", share},
                                            {"share_with_chips_power", beside_measured},
                                            {"share_by_papers_accesses", by_accesses}});
  };
  EnergyAccount all;
  double measured_chip = 0;
  Normalised normalised;
  for (std::size_t i = 0; i < published.size(); ++i) {
    const EnergyAccount& account = result.layers.at(i).energy;
    const double chip = published[i].power_mw * published[i].total_ms;  // mW x ms = uJ
    const Normalised of_layer = by_the_papers_accesses(account, published[i]);
    const Picojoules dram = dram_energy(account);
    row(published[i].layer, uj(dram), uj(account.total()) - uj(dram), chip, of_layer);
    all += account;
    measured_chip += chip;
    normalised.chip += of_layer.chip;
    normalised.dram += of_layer.dram;
  }
  row("all", uj(dram_energy(all)), uj(all.total()) - uj(dram_energy(all)), measured_chip, normalised);
  const Technology technology = Technology::load(result.technology);
  text += "\n";
  for (const EnergyLine& line : all.lines()) {
    if (!line.item.starts_with("dram_")) continue;
    text += fmt::format("  {:<26} {:>12.4g} x {:.5g} pJ = {:.1f} uJ, {}\n      {}\n", line.item, line.count,
                        line.each.value, uj(line.energy()), to_string(line.tag),
                        technology.row(line.item).source);
  }
  figures.notes(text + share_notes);
}

// What DRAM must take by the bytes that moved: bits x price, and rows opened.
double dram_uj_by_bytes(const Result& result) {
  const Technology technology = Technology::load(result.technology);
  double pj = 0;
  for (const LayerResult& layer : result.layers) {
    const Bytes in = layer.dram_weights + layer.dram_ifmap;
    pj += 8 * (static_cast<double>(in.value) * technology.row("dram_lpddr4_read_per_bit").pj +
               static_cast<double>(layer.dram_ofmap.value) * technology.row("dram_lpddr4_write_per_bit").pj);
    for (const EnergyLine& line : layer.energy.lines()) {
      if (line.item == "dram_lpddr4_activate") pj += line.count * technology.row("dram_lpddr4_activate").pj;
    }
  }
  return pj * 1e-6;
}

void hold_dram(const Result& result, const ChipLayer& all, Figures& figures) {
  EnergyAccount account;
  double macs = 0;
  for (const LayerResult& layer : result.layers) {
    account += layer.energy;
    macs += static_cast<double>(layer.macs);
  }
  const double dram = uj(dram_energy(account)), chip = uj(account.total()) - dram;
  const double by_bytes = dram_uj_by_bytes(result);
  figures.equal("DRAM's share of the energy, % (formula: bits x rows)", 100 * dram / (dram + chip),
                100 * by_bytes / (by_bytes + chip), "8.47 pJ a bit read, 5.03 written, and rows opened");
  figures.near("DRAM accesses a MAC, 10^-4", 1e4 * all.dram_mb * 1e6 / 2 / macs, 1e4 * accesses_a_mac, 0.1,
               "16-bit words; the paper's abstract");
}

// Every figure of a layer by itself, but for the GLB of CONV3.
void hold_layers(std::span<const ChipLayer> ours, Figures& figures) {
  figures.tabulated(true);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const ChipLayer &a = ours[i], &b = published[i];
    const std::string layer = b.layer;
    figures.equal(layer + ": active PEs", a.active_pes, b.active_pes, "sets x filter rows x ofmap rows");
    figures.near(layer + ": processing ms", a.processing_ms, b.processing_ms, 0.25, "");
    figures.near(layer + ": total ms", a.total_ms, b.total_ms, 0.25, "");
    if (layer == "CONV3") {
      figures.show(layer + ": GLB MB", a.buffer_mb, b.buffer_mb, "does not follow from the printed q and r");
    } else {
      figures.near(layer + ": GLB MB", a.buffer_mb, b.buffer_mb, 0.01, "a closed count of the mapping");
    }
    figures.near(layer + ": DRAM MB", a.dram_mb, b.dram_mb, 0.15, "synthetic zeros at the published density");
    figures.show(layer + ": power mW", a.power_mw, b.power_mw, "no clock tree, control or pads");
  }
  figures.tabulated(false);
}

}  // namespace

SelftestReport eyeriss_alexnet_selftest(const SelftestOptions& /*options*/) {
  const SynthList list = parse_synth(embedded("shapes", "alexnet").value(), "alexnet");
  SynthOptions synth;
  synth.batch = 4;
  synth.bits =
      4;  // in words of 16: no psum exceeds the chip's 16 bits, as those of its scaled products do not
  const Result result =
      simulate_in_children(synthesise(list, synth), load_accelerator("eyeriss-alexnet"), {}, 1);

  std::vector<ChipLayer> ours;
  for (std::size_t i = 0; i < published.size(); ++i)
    ours.push_back(on_chip(result.layers.at(i), result, published[i].layer));
  const ChipLayer all = in_all(ours), all_published = in_all(published);

  Figures figures;
  show_chip(figures, ours, published);
  hold_layers(ours, figures);
  figures.near("all: processing ms", all.processing_ms, all_published.processing_ms, 0.2, "see the notes");
  figures.near("all: total ms", all.total_ms, all_published.total_ms, 0.2, "see the notes");
  hold_dram(result, all, figures);
  figures.must(result.sums().overflowed == 0, "every psum fits the chip's 16 bits");
  figures.notes(notes);
  show_dram_share(result, figures);
  show_area(result, figures);
  return figures.report();
}

}  // namespace basil
