// A result as JSON, read back.
#include "core/error.h"
#include "core/names.h"
#include "models/report/report.h"
#include "models/result/cell_json.h"
#include "traces/file/shape_json.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

std::vector<AreaLine> area_from(const Json& json) {
  std::vector<AreaLine> area;
  for (const Json& line : json)
    area.push_back(
        {line.at("group"), line.at("name"), line.at("built"), line.at("instances"), line.at("mm2")});
  return area;
}

SumWidth width_from(const Json& json) {
  return {.psum_bits = json.at("psum_bits"),
          .accumulator_bits = json.at("accumulator_bits"),
          .overflow = parse_overflow(json.at("overflow"), "result: sum_width")};
}

Tag tag_from(const std::string& word) {
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated}) {
    if (to_string(tag) == word) return tag;
  }
  throw Error("energy_lines: tag", "'" + word + "'", "measured, published, derived or estimated");
}

EnergyLine line_from(const Json& json) {
  return {json.at("component"),
          json.at("item"),
          json.at("count"),
          Picojoules(json.at("each_pj").get<double>()),
          tag_from(json.at("tag")),
          Picojoules(json.at("low_pj").get<double>()),
          Picojoules(json.at("high_pj").get<double>())};
}

// Of a column that must be there.
MetricCell needed_cell_in(const Json& json, const MetricColumn& column) {
  MetricCell cell = cell_in(json, column);
  if (!known(cell) && !column.optional)
    throw Error("result: " + column.name, "missing", "a file that " + field_name("to_json()") + " wrote");
  return cell;
}

LayerResult layer_from(const Json& json) {
  LayerResult layer;
  for (const MetricColumn* column : layer_columns()) {
    if (column->put_in_layer) column->put_in_layer(layer, needed_cell_in(json, *column));
  }
  layer.shape = shape_from_json(json.at("shape"));
  layer.warnings = json.at("warnings").get<std::vector<std::string>>();
  for (const Json& line : json.at("energy_lines")) layer.energy.add(line_from(line));
  return layer;
}

}  // namespace

Result result_from_json(const nlohmann::ordered_json& json) {
  try {
    if (json.at("schema") != "basil-result/2")
      throw Error("result: schema", json.at("schema").dump(), "basil-result/2");
    Result result;
    for (const MetricColumn* column : run_columns()) {
      if (column->put_in_run) column->put_in_run(result, needed_cell_in(json, *column));
    }
    result.program = json.at("program");
    result.command = json.at("command");
    result.overrides = json.at("overrides").get<std::vector<std::string>>();
    for (const auto& [key, value] : json.at("description").items())
      result.description.emplace_back(key, value);
    result.trace_fingerprint = json.at("trace_fingerprint");
    result.trace_notes = json.at("inputs");
    result.synthetic = json.at("synthetic");
    result.sum_width = width_from(json.at("sum_width"));
    result.area = area_from(json.at("area"));
    result.sram_cell = json.at("sram_cell");
    if (json.contains("sample"))
      result.sample =
          SampleOptions{.fraction = json.at("sample").at("fraction"), .seed = json.at("sample").at("seed")};
    if (json.contains("density_only")) result.density_only_seed = json.at("density_only").at("seed");
    for (const Json& name : json.at("skipped")) result.skipped.push_back(name);
    for (const Json& layer : json.at("refused"))
      result.refused.push_back({layer.at("layer"), layer.at("reason")});
    for (const Json& layer : json.at("layers")) result.layers.push_back(layer_from(layer));
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw Error("result", library_message(error), "a file that " + field_name("to_json()") + " wrote");
  }
}

}  // namespace basil
