#include "testbenches/selftests/sparse_baselines.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/presets/embedded.h"
#include "models/processes/jobs.h"
#include "models/simulate.h"

namespace basil {
SynthList embedded_layers(const std::string& name, const std::vector<std::string>& beginnings) {
  SynthList list = parse_synth(embedded("shapes", name).value(), name);
  if (beginnings.empty()) return list;
  std::erase_if(list.layers, [&](const SynthLayer& layer) {
    return std::none_of(beginnings.begin(), beginnings.end(), [&](const std::string& beginning) {
      return layer.name.compare(0, beginning.size(), beginning) == 0;
    });
  });
  return list;
}

SynthList fully_connected(int channels, int filters, const SynthDensity& density) {
  SynthLayer layer{
      .name = "fc", .kind = &fc_kind, .shape = {.C = channels, .K = filters}, .density = density};
  return {.name = "fully connected", .source = "one layer", .layers = {layer}};
}

Result run_layers(const SynthList& list, const SynthOptions& options, const std::string& accelerator,
                  const std::vector<std::string>& overrides) {
  const Description machine = load_accelerator(accelerator, overrides);
  SynthOptions synth = options;
  synth.bits = machine.word_bits();
  return simulate_in_children(synthesise(list, synth), machine, {}, 1);
}

void show_layers(Figures& figures, const std::string& network, const Result& ours, const Result& other) {
  constexpr Bin shown[] = {Bin::compute, Bin::gated, Bin::imbalance, Bin::wait_psums,
                           Bin::drain,   Bin::noc,   Bin::idle};
  std::string text =
      fmt::format("  {:<9} {:>10} {:>10} {:>6} ", "layer", ours.accelerator, other.accelerator, "ratio");
  for (const Bin bin : shown) text += fmt::format(" {:>10}", to_string(bin));
  text += "\n";
  for (std::size_t i = 0; i < ours.layers.size(); ++i) {
    const LayerResult& layer = ours.layers[i];
    const std::int64_t cycles = layer.processing.value, theirs = other.layers.at(i).processing.value;
    nlohmann::ordered_json line{
        {"network", network}, {"layer", layer.name}, {ours.accelerator, cycles}, {other.accelerator, theirs}};
    text += fmt::format("  {:<9} {:>10} {:>10} {:>6.2f} ", layer.name, cycles, theirs,
                        static_cast<double>(theirs) / static_cast<double>(cycles));
    for (const Bin bin : shown) {
      const double percent =
          100 * static_cast<double>(layer.bins[bin]) / static_cast<double>(cycles * ours.pes);
      text += fmt::format(" {:>9.1f}%", percent);
      line[std::string(to_string(bin)) + "_percent"] = percent;
    }
    text += "\n";
    figures.json()["layers"].push_back(line);
  }
  figures.table(text + "\n");
}

}  // namespace basil
