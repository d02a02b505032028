#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/names.h"
#include "core/table.h"
#include "models/energy/components.h"
#include "models/report/dram_waits_words.h"
#include "models/report/report.h"
#include "models/report/why.h"
#include "traces/file/shape_json.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

Json routed_json(const RoutedTraffic& traffic) {
  return {{"packets", traffic.packets},
          {"crossings", traffic.crossings},
          {"busiest_link_cycles", traffic.busiest.value}};
}

Json conflicts_json(const ConflictCycles& cycles) {
  Json json;
  for (std::size_t kind = 0; kind < stream_kinds; ++kind)
    json[std::string(to_string(static_cast<StreamKind>(kind)))] = cycles[kind];
  return json;
}

Json weights_json(const WeightsMoved& weights) {
  return {{"encoded_bytes", weights.encoded.value},
          {"moved_bytes", weights.moved.value},
          {"trace_bits", weights.trace_bits},
          {"kept_bits", weights.kept_bits},
          {"expanded", weights.expanded()}};
}

Json area_json(const std::vector<AreaLine>& area) {
  Json json = Json::array();
  for (const AreaLine& line : area) {
    json.push_back({{"group", line.group},
                    {"name", line.name},
                    {"built", line.built},
                    {"instances", line.instances},
                    {"mm2", line.mm2}});
  }
  return json;
}

// {"estimate", "low", "high": the 95 % interval, "variance", "degrees_of_freedom"}
template <class Number>
Json spread_json(Number estimate, const Spread& spread) {
  const Interval sure = interval(static_cast<double>(estimate), spread);
  return {{"estimate", estimate},
          {"low", sure.low},
          {"high", sure.high},
          {"variance", spread.variance},
          {"degrees_of_freedom", spread.degrees}};
}

Json sample_json(const SampledPart& part, std::int64_t passes, Cycles cycles, Picojoules energy) {
  return {{"passes_simulated", part.passes},
          {"passes", passes},
          {"cycles", spread_json(cycles.value, part.cycles)},
          {"energy_pj", spread_json(energy.value, part.energy_pj)}};
}

Json range_json(const EnergyRange& range) { return {{"low", range.low.value}, {"high", range.high.value}}; }

// What density alone would say, and how far off that is, in percent of the real masks' figure.
Json density_only_json(Cycles cycles, Picojoules energy, const Result& result, const LayerResult* layer) {
  const auto error = [](double found, double real) { return 100 * (found - real) / real; };
  const Cycles real_cycles = layer != nullptr ? layer->cycles : result.cycles();
  const Picojoules real_energy = layer != nullptr ? layer->energy.total() : result.energy();
  return {{"cycles", cycles.value},
          {"cycles_error_percent",
           error(static_cast<double>(cycles.value), static_cast<double>(real_cycles.value))},
          {"energy_pj", energy.value},
          {"energy_error_percent", error(energy.value, real_energy.value)}};
}

// Of integer sums. needed_bits is there where some overflowed.
Json sums_json(const SumStatistics& sums) {
  Json json{{"count", sums.count}, {"widest_bits", sums.widest_bits}, {"overflowed", sums.overflowed}};
  if (sums.overflowed > 0) json["needed_bits"] = sums.needed_bits;
  return json;
}

Json width_json(const SumWidth& width) {
  return {{"psum_bits", width.psum_bits},
          {"accumulator_bits", width.accumulator_bits},
          {"overflow", to_string(width.overflow)}};
}

Json layer_json(const LayerResult& layer, const Result& result) {
  Json json{{"name", layer.name},
            {"kind", to_string(layer.kind)},
            {"shape", shape_json(layer.shape)},
            {"mapping", layer.mapping},
            {"warnings", layer.warnings},
            {"passes", layer.passes},
            {"cycles", layer.cycles.value},
            {"seconds", result.seconds(layer.cycles)},
            {"processing_cycles", layer.processing.value},
            {"dram_stall_cycles", layer.dram_stall.value}};
  for (const auto& [operand, wait] : waits_of(layer.dram_waits))
    json["dram_waits"][operand] = {{"edge", wait->edge.value}, {"steady", wait->steady.value}};
  if (layer.transaction_cycles) json["transaction_cycles"] = layer.transaction_cycles->value;
  if (layer.sample)
    json["sample"] = sample_json(*layer.sample, layer.passes, layer.cycles, layer.energy.total());
  if (const auto& shortcut = layer.density_only) {
    json["density_only"] = density_only_json(shortcut->cycles, shortcut->energy, result, &layer);
    json["density_only"]["ofmap_density"] = shortcut->ofmap_density;
  }
  json["macs"] = layer.macs;
  json["gated_macs"] = layer.gated;
  json["active_pes"] = layer.active_pes;
  json["mapped_pes"] = layer.mapped_pes;
  json["utilisation"] = layer.utilisation;
  json["ofmap_density"] = layer.ofmap_density;
  json["verified"] = layer.verified;
  json["counts_checked"] = layer.counted;
  json["sum_widths"] = sums_json(layer.sums);
  for (std::size_t i = 0; i < bin_count; ++i)
    json["bins_pe_cycles"][std::string(to_string(static_cast<Bin>(i)))] = layer.bins[static_cast<Bin>(i)];
  json["energy_pj"] = layer.energy.total().value;
  json["energy_range_pj"] = range_json(layer.energy.range());
  for (const std::string_view component : energy_components)
    json["energy_by_component_pj"][std::string(component)] = layer.energy.of(component).value;
  json["energy_lines"] = Json::array();
  for (const EnergyLine& line : layer.energy.lines()) {
    json["energy_lines"].push_back({{"component", line.component},
                                    {"item", line.item},
                                    {"count", line.count},
                                    {"each_pj", line.each.value},
                                    {"low_pj", line.low.value},
                                    {"high_pj", line.high.value},
                                    {"tag", to_string(line.tag)}});
  }
  json["dram_bytes"] = {{"weights", layer.dram_weights.value},
                        {"ifmap", layer.dram_ifmap.value},
                        {"ofmap", layer.dram_ofmap.value}};
  json["weights"] = weights_json(layer.weights);
  json["buffer_bytes"] = {{"read", layer.buffer_read.value},
                          {"written", layer.buffer_written.value},
                          {"with_array", layer.buffer_array.value}};
  json["noc_bytes"] = {{"weights", layer.noc.weights.value},
                       {"ifmap", layer.noc.ifmap.value},
                       {"psums_in", layer.noc.psums_in.value},
                       {"psums_out", layer.noc.psums_out.value}};
  if (layer.array_noc.packets > 0) json["noc"]["array"] = routed_json(layer.array_noc);
  if (layer.chip_noc.packets > 0) json["noc"]["chip"] = routed_json(layer.chip_noc);
  json["bank_conflict_cycles"] = {{"fmaps", conflicts_json(layer.bank_conflicts.fmaps)},
                                  {"filters", conflicts_json(layer.bank_conflicts.filters)},
                                  {"accumulators", conflicts_json(layer.bank_conflicts.accumulators)}};
  json["bound"] = {{"effectual_macs", layer.bound.effectual_macs},
                   {"bytes", layer.bound.bytes.value},
                   {"cycles", layer.bound.cycles.value},
                   {"by", layer.bound.by_memory ? "memory" : "compute"}};
  return json;
}

Json causes_json(const Result& result) {
  Json json = Json::array();
  const std::vector<Cause> causes = costliest_causes(result);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const Cause& cause = causes[i];
    const std::optional<Gain> gain = i < result.gains.size() ? std::optional(result.gains[i]) : std::nullopt;
    json.push_back({{"layer", result.layers[cause.layer].name},
                    {"cause", to_string(cause.kind)},
                    {"cycles", cause.cycles},
                    {"sentence", sentence(result, cause, gain)}});
    if (!gain || gain->relief.empty()) continue;
    json.back()["relief"] = gain->relief;
    if (gain->refused.empty()) {
      json.back()["speedup"] = gain->speedup;
    } else {
      json.back()["refused"] = gain->refused;
    }
  }
  return json;
}

}  // namespace

nlohmann::ordered_json description_json(const Result& result) {
  Json json = Json::object();
  for (const auto& [key, value] : result.description) json[key] = value;
  return json;
}

std::string memory_text(const MemoryNeed& need) {
  return fmt::format("about {}{}, {} of it for layer {}", metric(need.bytes(), "B"),
                     need.processes == 1 ? "" : fmt::format(" in {} processes", need.processes),
                     metric(need.of_layer, "B"), printable(need.layer));
}

nlohmann::ordered_json memory_json(const Result& result) {
  if (!result.memory) return {};
  const MemoryNeed& need = *result.memory;
  return {{"bytes", std::llround(need.bytes())},
          {"layer", need.layer},
          {"layer_bytes", std::llround(need.of_layer)}};
}

nlohmann::ordered_json to_json(const Result& result) {
  Json json{{"schema", "basil-result/1"},
            {"program", result.program},
            {"command", result.command},
            {"overrides", result.overrides},
            {"description", description_json(result)},
            {"trace", result.trace},
            {"trace_fingerprint", result.trace_fingerprint},
            {"inputs", result.trace_notes},
            {"synthetic", result.synthetic},
            {"accelerator", result.accelerator},
            {"technology", result.technology},
            {"fidelity", to_string(result.fidelity)},
            {"clock_mhz", result.clock_mhz},
            {"sum_width", width_json(result.sum_width)},
            {"sum_widths", sums_json(result.sums())},
            {"pes", result.pes},
            {"memory", memory_json(result)},
            {"area_mm2", result.area_mm2},
            {"area", area_json(result.area)},
            {"sram_cell", result.sram_cell},
            {"not_counted", not_counted},
            {"weights", weights_json(result.weights())},
            {"cycles", result.cycles().value},
            {"seconds", result.seconds(result.cycles())},
            {"energy_pj", result.energy().value},
            {"energy_range_pj", range_json(result.energy_range())},
            {"skipped", result.skipped}};
  json["refused"] = Json::array();
  for (const Refusal& layer : result.refused)
    json["refused"].push_back({{"name", layer.name}, {"reason", layer.reason}});
  if (result.sample) {
    std::int64_t passes = 0;
    for (const LayerResult& layer : result.layers) passes += layer.passes;
    json["sample"] = {{"fraction", result.sample->fraction}, {"seed", result.sample->seed}};
    json["sample"].update(sample_json(result.sampled(), passes, result.cycles(), result.energy()));
  }
  if (result.density_only_seed) {
    Cycles cycles;
    Picojoules energy;
    for (const LayerResult& layer : result.layers) {
      cycles += layer.density_only->cycles;
      energy += layer.density_only->energy;
    }
    json["density_only"] = {{"seed", *result.density_only_seed}};
    json["density_only"].update(density_only_json(cycles, energy, result, nullptr));
  }
  json["causes"] = causes_json(result);
  json["layers"] = Json::array();
  for (const LayerResult& layer : result.layers) json["layers"].push_back(layer_json(layer, result));
  return json;
}

std::string to_csv(const Result& result) {
  std::string text =
      "trace,accelerator,fidelity,layer,kind,cycles,seconds,processing_cycles,dram_stall_cycles,macs,gated_"
      "macs,active_pes,utilisation";
  for (std::size_t i = 0; i < bin_count; ++i) text += fmt::format(",bin_{}", to_string(static_cast<Bin>(i)));
  text += ",energy_pj,energy_low_pj,energy_high_pj";
  for (const std::string_view component : energy_components) text += fmt::format(",{}_pj", component);
  text +=
      ",dram_weights_bytes,dram_ifmap_bytes,dram_ofmap_bytes,buffer_read_bytes,buffer_written_bytes,bound_"
      "effectual_macs,bound_bytes,bound_cycles,bound_by,verified,widest_sum_bits,sums,sums_overflowed\n";
  std::replace(text.begin(), text.end(), '-', '_');
  for (const LayerResult& layer : result.layers) {
    text += fmt::format("{},{},{},{},{},{},{:.9g},{},{},{},{},{:.6g},{:.6g}", csv_cell(result.trace),
                        csv_cell(result.accelerator), to_string(result.fidelity), csv_cell(layer.name),
                        to_string(layer.kind), layer.cycles.value, result.seconds(layer.cycles),
                        layer.processing.value, layer.dram_stall.value, layer.macs, layer.gated,
                        layer.active_pes, layer.utilisation);
    for (std::size_t i = 0; i < bin_count; ++i) text += fmt::format(",{}", layer.bins[static_cast<Bin>(i)]);
    const EnergyRange range = layer.energy.range();
    text +=
        fmt::format(",{:.9g},{:.9g},{:.9g}", layer.energy.total().value, range.low.value, range.high.value);
    for (const std::string_view component : energy_components)
      text += fmt::format(",{:.9g}", layer.energy.of(component).value);
    text += fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{},{}\n", layer.dram_weights.value,
                        layer.dram_ifmap.value, layer.dram_ofmap.value, layer.buffer_read.value,
                        layer.buffer_written.value, layer.bound.effectual_macs, layer.bound.bytes.value,
                        layer.bound.cycles.value, layer.bound.by_memory ? "memory" : "compute",
                        layer.verified ? "yes" : "no", layer.sums.widest_bits, layer.sums.count,
                        layer.sums.overflowed);
  }
  return text;
}

}  // namespace basil
