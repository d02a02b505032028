#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/names.h"
#include "core/table.h"
#include "models/energy/components.h"
#include "models/report/report.h"
#include "models/report/why.h"
#include "traces/trace.h"

namespace basil {
namespace {

std::string bytes(Bytes count) { return metric(static_cast<double>(count.value), "B"); }
std::string joules(Picojoules energy) { return metric(energy.value * 1e-12, "J"); }

std::string percent(double part, double whole) {
  if (whole <= 0) return "-";
  const double share = 100 * part / whole;
  if (share == 0) return "-";
  return share < 0.05 ? "<0.1" : fmt::format("{:.1f}", share);
}

std::string sample_heading(const Result& result) {
  std::int64_t passes = 0;
  std::size_t whole = 0;
  for (const LayerResult& layer : result.layers) {
    passes += layer.passes;
    whole += layer.verified ? 1 : 0;
  }
  return fmt::format(
      "SAMPLED (--sample {:g} --seed {}): {} of {} passes simulated, the rest extrapolated\n"
      "{} of {} layers simulated whole and equal to the golden executor, the values of the others NOT "
      "verified\n",
      result.sample->fraction, result.sample->seed, grouped(result.sampled().passes), grouped(passes), whole,
      result.layers.size());
}

// What besides the values was held against something.
std::string counts_heading(const Result& result) {
  const auto layers = std::count_if(result.layers.begin(), result.layers.end(),
                                    [](const LayerResult& layer) { return layer.counted; });
  if (layers == 0) return "";
  return fmt::format("counts equal the clocked array's: {} of {} of {} layers\n",
                     result.fidelity == Fidelity::cycle ? "every pass" : "a block", layers,
                     result.layers.size());
}

std::string heading(const Result& result) {
  std::string text = fmt::format("{} on {}: {} PEs, {:g} MHz, {}, {} fidelity\n", printable(result.trace),
                                 printable(result.accelerator), result.pes, result.clock_mhz,
                                 printable(result.technology), to_string(result.fidelity));
  if (!result.overrides.empty()) {
    text += "with";
    for (const std::string& key : result.overrides) text += " --set " + printable(key);
    text += "\n";
  }
  if (result.synthetic) text += "SYNTHETIC trace: weights and inputs are drawn, not trained\n";
  if (!result.trace_notes.empty()) text += "inputs: " + printable(result.trace_notes) + "\n";
  const bool verified = std::all_of(result.layers.begin(), result.layers.end(),
                                    [](const LayerResult& layer) { return layer.verified; });
  if (result.sample) {
    text += sample_heading(result);
  } else {
    text += verified ? "every layer equals the golden executor\n" : "NOT verified (--no-verify)\n";
  }
  return text + counts_heading(result);
}

std::string shape_text(const LayerShape& shape) {
  if (shape.H == 1 && shape.W == 1 && shape.R == 1 && shape.S == 1)
    return fmt::format("{}x{} -> {}", shape.N, shape.C, shape.K);
  return fmt::format("{}x{}x{}x{} -> {}, {}x{}", shape.N, shape.C, shape.H, shape.W, shape.K, shape.R,
                     shape.S);
}

std::string sums_text(const Result& result) {
  const SumStatistics sums = result.sums();
  if (sums.widest_bits == 0) return "  sums are fp32: they round, and overflow has no meaning\n";
  const SumWidth& width = result.sum_width;
  std::string text = fmt::format("  widest sum {} bits, psum_bits {}", sums.widest_bits, width.psum_bits);
  if (width.accumulator_bits > width.psum_bits)
    text += fmt::format(", accumulators of {}", width.accumulator_bits);
  return text + fmt::format("; {} of {} {}sums overflow{}\n", grouped(sums.overflowed), grouped(sums.count),
                            result.sample ? "computed " : "",
                            sums.overflowed == 0 ? std::string()
                                                 : fmt::format(" ({}); {} bits would hold every psum",
                                                               to_string(width.overflow), sums.needed_bits));
}

// Layers with sums that overflow.
std::string overflow_table(const Result& result) {
  if (result.sums().overflowed == 0) return "";
  Table table({"sums that overflow", "widest, bits", "bits needed", "overflow", "of", "%"});
  for (const LayerResult& layer : result.layers) {
    const SumStatistics& sums = layer.sums;
    if (sums.overflowed == 0) continue;
    table.add({layer.name, fmt::format("{}", sums.widest_bits), fmt::format("{}", sums.needed_bits),
               grouped(sums.overflowed), grouped(sums.count),
               percent(static_cast<double>(sums.overflowed), static_cast<double>(sums.count))});
  }
  return "\n" + table.text();
}

std::string layers_table(const Result& result) {
  Table table({"layer", "shape", "mapping", "cycles", "time", "util %", "PEs", "energy", "DRAM", "buffer",
               "bound", "x bound"},
              3);
  table.keep({"cycles", "energy", "time", "util %", "DRAM", "x bound", "bound", "buffer", "PEs", "shape"});
  double macs = 0, work = 0;
  Bytes dram, buffer;
  Cycles bound;
  for (const LayerResult& layer : result.layers) {
    const double over = static_cast<double>(layer.cycles.value) /
                        static_cast<double>(std::max<std::int64_t>(1, layer.bound.cycles.value));
    table.add({layer.name, shape_text(layer.shape), layer.mapping, grouped(layer.cycles.value),
               metric(result.seconds(layer.cycles), "s"), fmt::format("{:.1f}", 100 * layer.utilisation),
               fmt::format("{:.0f}", layer.active_pes), joules(layer.energy.total()), bytes(layer.dram()),
               bytes(layer.buffer_read + layer.buffer_written), layer.bound.by_memory ? "memory" : "compute",
               fmt::format("{:.1f}", over)});
    macs += static_cast<double>(layer.macs);
    work += layer.utilisation * static_cast<double>(layer.cycles.value);
    dram += layer.dram();
    buffer += layer.buffer_read + layer.buffer_written;
    bound += layer.bound.cycles;
  }
  const Cycles cycles = result.cycles();
  table.rule();
  table.add({"all",
             fmt::format("{} layer{}, {}", result.layers.size(), result.layers.size() == 1 ? "" : "s",
                         metric(macs, "MAC")),
             "", grouped(cycles.value), metric(result.seconds(cycles), "s"),
             fmt::format("{:.1f}", 100 * work / static_cast<double>(std::max<std::int64_t>(1, cycles.value))),
             "", joules(result.energy()), bytes(dram), bytes(buffer), "",
             fmt::format("{:.1f}", static_cast<double>(cycles.value) /
                                       static_cast<double>(std::max<std::int64_t>(1, bound.value)))});
  return table.text();
}

std::vector<std::string> largest_first(std::vector<std::pair<double, std::string>> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> names;
  names.reserve(parts.size());
  for (const auto& part : parts) names.push_back(part.second);
  return names;
}

std::string bins_table(const Result& result) {
  std::vector<std::string> header{"% of PE-cycles"};
  for (std::size_t bin = 0; bin < bin_count; ++bin) header.emplace_back(to_string(static_cast<Bin>(bin)));
  Table table(header);
  CycleAccount all;
  const auto add = [&](const std::string& name, const CycleAccount& bins) {
    std::vector<std::string> row{name};
    for (std::size_t bin = 0; bin < bin_count; ++bin) {
      row.push_back(
          percent(static_cast<double>(bins[static_cast<Bin>(bin)]), static_cast<double>(bins.total())));
    }
    table.add(row);
  };
  for (const LayerResult& layer : result.layers) {
    add(layer.name, layer.bins);
    all += layer.bins;
  }
  table.rule();
  add("all", all);
  std::vector<std::pair<double, std::string>> parts;
  for (std::size_t bin = 0; bin < bin_count; ++bin)
    parts.emplace_back(static_cast<double>(all[static_cast<Bin>(bin)]), header[bin + 1]);
  table.keep(largest_first(parts));
  return table.text();
}

std::string energy_table(const Result& result) {
  std::vector<std::string> header{"energy"};
  for (const std::string_view component : energy_components) header.emplace_back(component);
  for (const char* word : {"total", "low", "high", "mean power"}) header.emplace_back(word);
  Table table(header);
  EnergyAccount all;
  const auto add = [&](const std::string& name, const EnergyAccount& energy, Cycles cycles) {
    std::vector<std::string> row{name};
    for (const std::string_view component : energy_components) row.push_back(joules(energy.of(component)));
    row.push_back(joules(energy.total()));
    row.push_back(joules(energy.range().low));
    row.push_back(joules(energy.range().high));
    row.push_back(metric(energy.total().value * 1e-12 / std::max(1e-12, result.seconds(cycles)), "W"));
    table.add(row);
  };
  for (const LayerResult& layer : result.layers) {
    add(layer.name, layer.energy, layer.cycles);
    all += layer.energy;
  }
  table.rule();
  add("all", all, result.cycles());
  std::vector<std::string> share{"share, %"};
  for (const std::string_view component : energy_components)
    share.push_back(percent(all.of(component).value, all.total().value));
  share.emplace_back("100.0");
  share.push_back(percent(all.range().low.value, all.total().value));
  share.push_back(percent(all.range().high.value, all.total().value));
  share.emplace_back("");
  table.add(share);
  std::vector<std::pair<double, std::string>> parts{{all.total().value, "total"}};
  for (const std::string_view component : energy_components)
    parts.emplace_back(all.of(component).value, component);
  table.keep(largest_first(parts));
  std::string text = table.text() + "  energy figures:";
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated}) {
    const std::string part = percent(all.of(tag).value, all.total().value);
    text += fmt::format(" {} % {}{}", part == "-" ? "0" : part, to_string(tag),
                        tag == Tag::estimated ? "\n" : ",");
  }
  return text + "  low, high: every figure at that end of its bracket in the technology table\n";
}

// Of routers, where there are any.
std::string network_table(const Result& result) {
  const auto routed = [](const RoutedTraffic& traffic) { return traffic.packets > 0; };
  const auto any = [&](RoutedTraffic LayerResult::*network) {
    return std::any_of(result.layers.begin(), result.layers.end(),
                       [&](const LayerResult& layer) { return routed(layer.*network); });
  };
  const bool chip = any(&LayerResult::chip_noc);
  if (!chip && !any(&LayerResult::array_noc)) return "";
  std::vector<std::string> header{"network on chip", "buffers to PEs", "flits x routers", "busiest link %"};
  if (chip) header.insert(header.end(), {"DRAM to tiles", "flits x routers", "busiest link %"});
  Table table(header);
  for (const LayerResult& layer : result.layers) {
    std::vector<std::string> row{layer.name};
    const auto add = [&](const RoutedTraffic& traffic) {
      row.insert(row.end(), {grouped(traffic.packets) + " packets", grouped(traffic.crossings),
                             percent(static_cast<double>(traffic.busiest.value),
                                     static_cast<double>(layer.cycles.value))});
    };
    add(layer.array_noc);
    if (chip) add(layer.chip_noc);
    table.add(row);
  }
  return "\n" + table.text();
}

// "low - high", and how far that is to either side of the estimate.
std::vector<std::string> interval_cells(double estimate, const Spread& spread, double scale,
                                        const std::string& unit) {
  const Interval sure = interval(estimate, spread);
  return {metric(sure.low * scale, unit), metric(sure.high * scale, unit),
          fmt::format("{:.2f}", 100 * spread.half_width() / std::max(1.0, estimate))};
}

std::string sample_table(const Result& result) {
  Table table(
      {"95 % interval", "passes", "simulated", "cycles from", "to", "+- %", "energy from", "to", "+- %"});
  table.keep({"cycles from", "energy from", "to", "+- %"});
  const auto add = [&](const std::string& name, std::int64_t passes, const SampledPart& part, Cycles cycles,
                       Picojoules energy) {
    std::vector<std::string> row{name, grouped(passes), grouped(part.passes)};
    for (const std::string& cell : interval_cells(static_cast<double>(cycles.value), part.cycles, 1, ""))
      row.push_back(cell);
    for (const std::string& cell : interval_cells(energy.value, part.energy_pj, 1e-12, "J"))
      row.push_back(cell);
    table.add(row);
  };
  std::int64_t passes = 0;
  for (const LayerResult& layer : result.layers) {
    add(layer.name, layer.passes, *layer.sample, layer.cycles, layer.energy.total());
    passes += layer.passes;
  }
  table.rule();
  add("all", passes, result.sampled(), result.cycles(), result.energy());
  return table.text();
}

std::string density_only_table(const Result& result) {
  Table table(
      {"random zeros", "cycles", "real", "error", "energy", "real", "error", "ofmap density", "real"});
  table.keep({"cycles", "energy", "error", "real"});
  const auto error = [](double found, double real) {
    return fmt::format("{:+.2f} %", 100 * (found - real) / real);
  };
  const auto add = [&](const std::string& name, Cycles cycles, Cycles real_cycles, Picojoules energy,
                       Picojoules real_energy, const std::string& density, const std::string& real_density) {
    table.add({name, grouped(cycles.value), grouped(real_cycles.value),
               error(static_cast<double>(cycles.value), static_cast<double>(real_cycles.value)),
               joules(energy), joules(real_energy), error(energy.value, real_energy.value), density,
               real_density});
  };
  Cycles cycles;
  Picojoules energy;
  for (const LayerResult& layer : result.layers) {
    const DensityOnlyResult& shortcut = *layer.density_only;
    add(layer.name, shortcut.cycles, layer.cycles, shortcut.energy, layer.energy.total(),
        fmt::format("{:.1f} %", 100 * shortcut.ofmap_density),
        fmt::format("{:.1f} %", 100 * layer.ofmap_density));
    cycles += shortcut.cycles;
    energy += shortcut.energy;
  }
  table.rule();
  add("all", cycles, result.cycles(), energy, result.energy(), "", "");
  return table.text() + fmt::format(
                            "  random zeros: the same values at places drawn at random (--density-only "
                            "--seed {}); its error is that "
                            "against the real masks\n",
                            *result.density_only_seed);
}

std::string fidelity_table(const Result& result) {
  Table table({"fidelity", "cycle", "transaction", "difference"});
  for (const LayerResult& layer : result.layers) {
    if (!layer.transaction_cycles) continue;
    const double difference = 100.0 *
                              static_cast<double>(layer.transaction_cycles->value - layer.cycles.value) /
                              static_cast<double>(layer.cycles.value);
    table.add({layer.name, grouped(layer.cycles.value), grouped(layer.transaction_cycles->value),
               fmt::format("{:+.2f} %", difference)});
  }
  return table.text();
}

// Nothing where no stream ever waited for a bank.
std::string conflicts_text(const Result& result) {
  BankConflicts all;
  for (const LayerResult& layer : result.layers) all += layer.bank_conflicts;
  if (all.total() == 0) return "";
  std::string text = "  cycles waited for banks:";
  const char* separator = " ";
  for (const auto& [buffer, cycles] :
       {std::pair{"fmaps", &all.fmaps}, {"filters", &all.filters}, {"accumulators", &all.accumulators}}) {
    for (std::size_t kind = 0; kind < stream_kinds; ++kind) {
      if ((*cycles)[kind] == 0) continue;
      text += fmt::format("{}{} of {} {}", separator, buffer, to_string(static_cast<StreamKind>(kind)),
                          grouped((*cycles)[kind]));
      separator = ", ";
    }
  }
  return text + "\n";
}

std::string area_text(const Result& result) {
  std::string text = fmt::format("  area {:.2f} mm2:", result.area_mm2);
  std::vector<std::pair<std::string, double>> groups;  // as they first appear
  for (const AreaLine& line : result.area) {
    auto group = std::ranges::find(groups, line.group, &std::pair<std::string, double>::first);
    if (group == groups.end()) group = groups.emplace(group, line.group, 0);
    group->second += line.mm2;
  }
  const char* separator = " ";
  for (const auto& [group, mm2] : groups) {
    text += fmt::format("{}{} {:.3g}", separator, group, mm2);
    separator = ", ";
  }
  return text + "\n";
}

// What the figures rest on.
std::string costs_text(const Result& result) {
  std::string text = area_text(result);
  text +=
      fmt::format("  SRAM of {} cells, {}\n", result.sram_cell,
                  result.sram_cell == "lstp" ? "which leak less than those of most chips (hp: far more)"
                                             : "which leak more than those of most chips (lstp: far less)");
  if (const WeightsMoved weights = result.weights(); weights.expanded()) {
    text += fmt::format(
        "  weights expanded: {} bits each where the trace has {}, {} moved for its {} if each came once\n",
        weights.kept_bits, weights.trace_bits, bytes(weights.moved), bytes(weights.encoded));
  }
  text += "  not counted:";
  for (const std::string_view part : not_counted)
    text += fmt::format("{} {}", part == not_counted.front() ? "" : ",", part);
  return text + "\n";
}

std::string causes_text(const Result& result) {
  std::string text =
      result.gains.empty() ? "  costs most (--why runs what would relieve it):\n" : "  costs most:\n";
  const std::vector<Cause> causes = costliest_causes(result);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const std::optional<Gain> gain = i < result.gains.size() ? std::optional(result.gains[i]) : std::nullopt;
    text += "    " + printable(sentence(result, causes[i], gain)) + "\n";
  }
  return text;
}

}  // namespace

std::string to_text(const Result& result) {
  std::string text = heading(result) + "\n" + layers_table(result);
  if (result.sample) text += "\n" + sample_table(result);
  if (result.density_only_seed) text += "\n" + density_only_table(result);
  text += "\n" + bins_table(result) + network_table(result) + "\n" + energy_table(result);
  if (result.fidelity == Fidelity::cycle) text += "\n" + fidelity_table(result);
  text += overflow_table(result) + sums_text(result);
  text += conflicts_text(result);
  for (const LayerResult& layer : result.layers) {
    for (const std::string& warning : layer.warnings)
      text += fmt::format("  warning: {}: {}\n", printable(layer.name), warning);
  }
  for (const Refusal& layer : result.refused) text += fmt::format("  NOT RUN: {}\n", layer.reason);
  if (!result.skipped.empty()) {
    text += "  off the array, not simulated:";
    for (const std::string& name : result.skipped) text += " " + name;
    text += "\n";
  }
  if (!result.command.empty())
    text += fmt::format("  {}, trace {}: {}\n", result.program, result.trace_fingerprint,
                        printable(result.command));
  if (result.memory_at_a_time) text += fmt::format("  memory: {}\n", memory_text(*result.memory_at_a_time));
  text += "  bound: the most of effectual MACs / PEs and bytes / DRAM bandwidth\n";
  return text + costs_text(result) + causes_text(result);
}

}  // namespace basil
