// A result as JSON: the columns, and beside them what is no figure.
#include <fmt/format.h>

#include <cmath>

#include "core/names.h"
#include "core/table.h"
#include "models/energy/components.h"
#include "models/report/report.h"
#include "models/report/why.h"
#include "models/result/cell_json.h"
#include "traces/file/shape_json.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

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

Json width_json(const SumWidth& width) {
  return {{"psum_bits", width.psum_bits},
          {"accumulator_bits", width.accumulator_bits},
          {"overflow", to_string(width.overflow)}};
}

// What is not known, or means nothing there, is left out.
template <class Cells>
void add_columns(Json& json, const std::vector<const MetricColumn*>& columns, Cells cell_of) {
  for (const MetricColumn* column : columns) {
    const MetricCell cell = cell_of(*column);
    if (known(cell)) json[column->name] = json_of<Json>(cell);
  }
}

Json lines_json(const EnergyAccount& energy) {
  Json json = Json::array();
  for (const EnergyLine& line : energy.lines()) {
    json.push_back({{"component", line.component},
                    {"item", line.item},
                    {"count", line.count},
                    {"each_pj", line.each.value},
                    {"low_pj", line.low.value},
                    {"high_pj", line.high.value},
                    {"tag", to_string(line.tag)}});
  }
  return json;
}

Json causes_json(const Result& result) {
  Json json = Json::array();
  const std::vector<Cause> causes = costliest_causes(result);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const Cause& cause = causes[i];
    const std::optional<Gain> gain = i < result.gains.size() ? std::optional(result.gains[i]) : std::nullopt;
    json.push_back({{"cause", to_string(cause.kind)},
                    {"cycles", cause.cycles},
                    {"layer_count", cause.layers},
                    {"worst_layer", result.layers[cause.worst].name},
                    {"worst_layer_cycles", cause.worst_cycles},
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

void add_layer_columns(nlohmann::ordered_json& json, const Result& result, const LayerResult& layer) {
  add_columns(json, layer_columns(),
              [&](const MetricColumn& column) { return column.of_layer(result, layer); });
}

void add_run_columns(nlohmann::ordered_json& json, const Result& result) {
  add_columns(json, run_columns(), [&](const MetricColumn& column) { return column.of_run(result); });
}

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
  Json json{{"schema", "basil-result/2"},
            {"program", result.program},
            {"command", result.command},
            {"overrides", result.overrides},
            {"description", description_json(result)},
            {"trace_fingerprint", result.trace_fingerprint},
            {"inputs", result.trace_notes},
            {"synthetic", result.synthetic},
            {"sum_width", width_json(result.sum_width)},
            {"memory", memory_json(result)},
            {"area", area_json(result.area)},
            {"sram_cell", result.sram_cell},
            {"not_counted", not_counted},
            {"skipped", result.skipped}};
  json["refused"] = Json::array();
  for (const Refusal& layer : result.refused)
    json["refused"].push_back({{"layer", layer.name}, {"name", layer.name}, {"reason", layer.reason}});
  if (result.sample) json["sample"] = {{"fraction", result.sample->fraction}, {"seed", result.sample->seed}};
  if (result.density_only_seed) json["density_only"] = {{"seed", *result.density_only_seed}};
  add_run_columns(json, result);
  json["causes"] = causes_json(result);
  json["layers"] = Json::array();
  for (const LayerResult& layer : result.layers) {
    Json& entry = json["layers"].emplace_back();
    entry["name"] = layer.name;  // as scripts know it from the first schema
    add_layer_columns(entry, result, layer);
    entry["shape"] = shape_json(layer.shape);
    entry["warnings"] = layer.warnings;
    entry["energy_lines"] = lines_json(layer.energy);
  }
  return json;
}

}  // namespace basil
