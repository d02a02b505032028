// A result as 'basil run --json' wrote it, read back.
#include <cmath>

#include "core/error.h"
#include "core/names.h"
#include "models/report/dram_waits_words.h"
#include "models/report/report.h"
#include "traces/file/shape_json.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

RoutedTraffic routed_from(const Json& noc, const char* which) {
  if (!noc.contains(which)) return {};
  const Json& json = noc.at(which);
  return {json.at("packets"), json.at("crossings"), Cycles(json.at("busiest_link_cycles"))};
}

ConflictCycles conflicts_from(const Json& json) {
  ConflictCycles cycles{};
  for (std::size_t kind = 0; kind < stream_kinds; ++kind)
    cycles[kind] = json.at(std::string(to_string(static_cast<StreamKind>(kind))));
  return cycles;
}

WeightsMoved weights_from(const Json& json) {
  return {.encoded = Bytes(json.at("encoded_bytes")),
          .moved = Bytes(json.at("moved_bytes")),
          .trace_bits = json.at("trace_bits"),
          .kept_bits = json.at("kept_bits")};
}

std::vector<AreaLine> area_from(const Json& json) {
  std::vector<AreaLine> area;
  for (const Json& line : json)
    area.push_back(
        {line.at("group"), line.at("name"), line.at("built"), line.at("instances"), line.at("mm2")});
  return area;
}

SumStatistics sums_from(const Json& json) {
  return {.count = json.at("count"),
          .widest_bits = json.at("widest_bits"),
          .overflowed = json.at("overflowed"),
          .needed_bits = json.value("needed_bits", 0)};
}

SumWidth width_from(const Json& json) {
  return {.psum_bits = json.at("psum_bits"),
          .accumulator_bits = json.at("accumulator_bits"),
          .overflow = parse_overflow(json.at("overflow"), "result: sum_width")};
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
  if (json.contains("dram_waits")) {  // older files do not tell
    for (const auto& [operand, wait] : waits_of(layer.dram_waits))
      *wait = {Cycles(whole(json.at("dram_waits").at(operand), "edge")),
               Cycles(whole(json.at("dram_waits").at(operand), "steady"))};
  }
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
    throw Error("result", library_message(error), "a file that " + field_name("to_json()") + " wrote");
  }
}

}  // namespace basil
