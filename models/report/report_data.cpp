#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/names.h"
#include "core/table.h"
#include "models/energy/components.h"
#include "models/report/report.h"
#include "traces/file/shape_json.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

Json description_json(const Result& result) {
  Json json = Json::object();
  for (const auto& [key, value] : result.description) json[key] = value;
  return json;
}

Json routed_json(const RoutedTraffic& traffic) {
  return {{"packets", traffic.packets},
          {"crossings", traffic.crossings},
          {"busiest_link_cycles", traffic.busiest.value}};
}

RoutedTraffic routed_from(const Json& noc, const char* which) {
  if (!noc.contains(which)) return {};
  const Json& json = noc.at(which);
  return {json.at("packets"), json.at("crossings"), Cycles(json.at("busiest_link_cycles"))};
}

Json conflicts_json(const ConflictCycles& cycles) {
  Json json;
  for (std::size_t kind = 0; kind < stream_kinds; ++kind)
    json[std::string(to_string(static_cast<StreamKind>(kind)))] = cycles[kind];
  return json;
}

ConflictCycles conflicts_from(const Json& json) {
  ConflictCycles cycles{};
  for (std::size_t kind = 0; kind < stream_kinds; ++kind)
    cycles[kind] = json.at(std::string(to_string(static_cast<StreamKind>(kind))));
  return cycles;
}

Json weights_json(const WeightsMoved& weights) {
  return {{"encoded_bytes", weights.encoded.value},
          {"moved_bytes", weights.moved.value},
          {"trace_bits", weights.trace_bits},
          {"kept_bits", weights.kept_bits},
          {"expanded", weights.expanded()}};
}

WeightsMoved weights_from(const Json& json) {
  return {.encoded = Bytes(json.at("encoded_bytes")),
          .moved = Bytes(json.at("moved_bytes")),
          .trace_bits = json.at("trace_bits"),
          .kept_bits = json.at("kept_bits")};
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

std::vector<AreaLine> area_from(const Json& json) {
  std::vector<AreaLine> area;
  for (const Json& line : json)
    area.push_back(
        {line.at("group"), line.at("name"), line.at("built"), line.at("instances"), line.at("mm2")});
  return area;
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

SumStatistics sums_from(const Json& json) {
  return {.count = json.at("count"),
          .widest_bits = json.at("widest_bits"),
          .overflowed = json.at("overflowed"),
          .needed_bits = json.value("needed_bits", 0)};
}

Json width_json(const SumWidth& width) {
  return {{"psum_bits", width.psum_bits},
          {"accumulator_bits", width.accumulator_bits},
          {"overflow", to_string(width.overflow)}};
}

SumWidth width_from(const Json& json) {
  return {.psum_bits = json.at("psum_bits"),
          .accumulator_bits = json.at("accumulator_bits"),
          .overflow = parse_overflow(json.at("overflow"), "result: sum_width")};
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

// A count: nlohmann would take 1e300 for one, and 2^63 for a negative one.
std::int64_t whole(const Json& json, const std::string& field) {
  const Json& value = json.at(field);
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  if (!value.is_number_integer() || huge || value.get<std::int64_t>() < 0)
    throw Error("result: " + field, value.dump(), "a whole number from 0 to 2^63 - 1");
  return value.get<std::int64_t>();
}

// Energies, areas and shares are finite and not negative.
double measure(const Json& json, const std::string& field) {
  const Json& value = json.at(field);
  if (!value.is_number() || !(value.get<double>() >= 0) || !std::isfinite(value.get<double>()))
    throw Error("result: " + field, value.dump(), "a finite number, 0 or more");
  return value.get<double>();
}

Tag tag_from(const std::string& word) {
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated}) {
    if (to_string(tag) == word) return tag;
  }
  throw Error("energy_lines: tag", "'" + word + "'", "measured, published, derived or estimated");
}

// Older files have no brackets.
EnergyLine line_from(const Json& json) {
  const double each = measure(json, "each_pj");
  return {json.at("component"),
          json.at("item"),
          measure(json, "count"),
          Picojoules(each),
          tag_from(json.at("tag")),
          Picojoules(json.value("low_pj", each)),
          Picojoules(json.value("high_pj", each))};
}

Spread spread_from(const Json& json) {
  return {.variance = json.at("variance"), .degrees = json.at("degrees_of_freedom")};
}

LayerResult layer_from(const Json& json) {
  LayerResult layer;
  layer.name = json.at("name");
  layer.kind = parse_kind(json.at("kind"), "layer " + layer.name + ": kind");
  layer.shape = shape_from_json(json.at("shape"));
  layer.mapping = json.at("mapping");
  if (json.contains("warnings")) layer.warnings = json.at("warnings");
  layer.passes = whole(json, "passes");
  layer.cycles = Cycles(whole(json, "cycles"));
  layer.processing = Cycles(whole(json, "processing_cycles"));
  layer.dram_stall = Cycles(whole(json, "dram_stall_cycles"));
  if (json.contains("transaction_cycles"))
    layer.transaction_cycles = Cycles(whole(json, "transaction_cycles"));
  if (json.contains("sample")) {
    const Json& sample = json.at("sample");
    layer.sample = SampledPart{.passes = whole(sample, "passes_simulated"),
                               .cycles = spread_from(sample.at("cycles")),
                               .energy_pj = spread_from(sample.at("energy_pj"))};
  }
  if (json.contains("density_only")) {
    const Json& shortcut = json.at("density_only");
    layer.density_only = DensityOnlyResult{.cycles = Cycles(whole(shortcut, "cycles")),
                                           .energy = Picojoules(shortcut.at("energy_pj").get<double>()),
                                           .ofmap_density = shortcut.at("ofmap_density")};
  }
  layer.macs = whole(json, "macs");
  layer.gated = whole(json, "gated_macs");
  layer.active_pes = json.at("active_pes");
  layer.mapped_pes = whole(json, "mapped_pes");
  layer.utilisation = json.at("utilisation");
  layer.ofmap_density = json.at("ofmap_density");
  layer.verified = json.at("verified");
  layer.counted = json.value("counts_checked", false);
  if (json.contains("sum_widths")) layer.sums = sums_from(json.at("sum_widths"));  // older files do not tell
  for (std::size_t i = 0; i < bin_count; ++i)
    layer.bins.add(static_cast<Bin>(i),
                   whole(json.at("bins_pe_cycles"), std::string(to_string(static_cast<Bin>(i)))));
  for (const Json& line : json.at("energy_lines")) layer.energy.add(line_from(line));
  layer.dram_weights = Bytes(whole(json.at("dram_bytes"), "weights"));
  layer.dram_ifmap = Bytes(whole(json.at("dram_bytes"), "ifmap"));
  layer.dram_ofmap = Bytes(whole(json.at("dram_bytes"), "ofmap"));
  if (json.contains("weights")) layer.weights = weights_from(json.at("weights"));  // older files do not tell
  layer.buffer_read = Bytes(whole(json.at("buffer_bytes"), "read"));
  layer.buffer_written = Bytes(whole(json.at("buffer_bytes"), "written"));
  layer.buffer_array = Bytes(whole(json.at("buffer_bytes"), "with_array"));
  if (json.contains("noc_bytes")) {  // older files do not tell
    const Json& moved = json.at("noc_bytes");
    layer.noc = {Bytes(whole(moved, "weights")), Bytes(whole(moved, "ifmap")),
                 Bytes(whole(moved, "psums_in")), Bytes(whole(moved, "psums_out"))};
  }
  if (json.contains("noc")) {
    layer.array_noc = routed_from(json.at("noc"), "array");
    layer.chip_noc = routed_from(json.at("noc"), "chip");
  }
  if (json.contains("bank_conflict_cycles")) {  // older files know of no conflicts
    const Json& conflicts = json.at("bank_conflict_cycles");
    layer.bank_conflicts = {conflicts_from(conflicts.at("fmaps")), conflicts_from(conflicts.at("filters")),
                            conflicts_from(conflicts.at("accumulators"))};
  }
  const Json& bound = json.at("bound");
  layer.bound = {.effectual_macs = whole(bound, "effectual_macs"),
                 .bytes = Bytes(whole(bound, "bytes")),
                 .cycles = Cycles(whole(bound, "cycles")),
                 .by_memory = bound.at("by") == "memory"};
  return layer;
}

}  // namespace

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
  json["layers"] = Json::array();
  for (const LayerResult& layer : result.layers) json["layers"].push_back(layer_json(layer, result));
  return json;
}

Result result_from_json(const nlohmann::ordered_json& json) {
  try {
    if (json.at("schema") != "basil-result/1")
      throw Error("result: schema", json.at("schema").dump(), "basil-result/1");
    Result result;
    result.program = json.at("program");
    if (json.contains("description")) {  // older files do not tell
      result.command = json.at("command");
      result.overrides = json.at("overrides");
      for (const auto& [key, value] : json.at("description").items())
        result.description.emplace_back(key, value);
    }
    result.trace = json.at("trace");
    if (json.contains("trace_fingerprint")) result.trace_fingerprint = json.at("trace_fingerprint");
    result.trace_notes = json.at("inputs");
    result.synthetic = json.at("synthetic");
    result.accelerator = json.at("accelerator");
    result.technology = json.at("technology");
    result.fidelity = json.at("fidelity") == "cycle" ? Fidelity::cycle : Fidelity::transaction;
    result.clock_mhz = measure(json, "clock_mhz");
    if (json.contains("sum_width")) result.sum_width = width_from(json.at("sum_width"));
    result.pes = whole(json, "pes");
    result.area_mm2 = measure(json, "area_mm2");
    if (json.contains("area")) {  // older files do not tell
      result.area = area_from(json.at("area"));
      result.sram_cell = json.at("sram_cell");
    }
    if (json.contains("sample"))
      result.sample =
          SampleOptions{.fraction = json.at("sample").at("fraction"), .seed = json.at("sample").at("seed")};
    if (json.contains("density_only")) result.density_only_seed = json.at("density_only").at("seed");
    for (const Json& name : json.at("skipped")) result.skipped.push_back(name);
    if (json.contains("refused")) {
      for (const Json& layer : json.at("refused"))
        result.refused.push_back({layer.at("name"), layer.at("reason")});
    }
    for (const Json& layer : json.at("layers")) result.layers.push_back(layer_from(layer));
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw Error("result", library_message(error), "a file that 'basil run --json' wrote");
  }
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
