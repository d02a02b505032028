#include "models/study/front/study_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "models/result/parts.h"
#include "models/study/points.h"
#include "traces/network/dense_network.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t most_points = 3000, most_layers = 15000, most_figures = 60000;

// Of the rows of point_rows those that the page holds.
struct KeptRows {
  Rows points;
  std::vector<std::size_t> places;  // of each among all, in order
};

// Those of the fronts, if they leave room, and every n-th.
KeptRows kept_rows(const StudySummary& summary, StudyDatabase& database) {
  const std::size_t all = summary.points;
  std::set<std::size_t> rows;
  for (const Front& front : summary.fronts) rows.insert(front.rows.begin(), front.rows.end());
  if (all > most_points && rows.size() >= most_points) rows.clear();
  const std::size_t room = all <= most_points ? all : most_points - rows.size();
  const std::size_t every = room == 0 ? 1 : (all + room - 1) / room;
  for (std::size_t row = 0; row < all; row += every) rows.insert(row);
  KeptRows kept{.points = database.point_columns_only(), .places = {rows.begin(), rows.end()}};
  std::size_t place = 0;
  database.each_point([&](const Rows& row) {
    if (rows.contains(place++)) kept.points.cells.push_back(row.cells[0]);
  });
  return kept;
}

Json column(const Rows& points, std::size_t column) {
  Json values = Json::array();
  for (const std::vector<Datum>& cells : points.cells) values.emplace_back(cells[column]);
  return values;
}

// Whether done points differ in it.
bool tells_apart(const Rows& points, std::size_t column) {
  const Datum* first = nullptr;
  for (const std::vector<Datum>& cells : points.cells) {
    if (cells[column].is_null()) continue;
    if (first != nullptr && *first != cells[column]) return true;
    first = &cells[column];
  }
  return false;
}

// Texts that many rows share: each once, and its place for every row.
Json coded(const Rows& points, std::size_t column) {
  std::map<std::string, std::size_t> places;
  Json words = Json::array(), rows = Json::array();
  for (const std::vector<Datum>& cells : points.cells) {
    const std::string text = cell_text(cells[column]);
    const auto [place, is_new] = places.emplace(text, words.size());
    if (is_new) words.push_back(text);
    rows.push_back(place->second);
  }
  return {{"words", words}, {"rows", rows}};
}

// A run's column each, as far as there is room: those of objectives and those that a page draws by itself
// first. Words, what is not known of any point, and what is the same of all, are left out.
Json figures_json(const Study& study, const Rows& points) {
  std::vector<std::string> names{"cycles",   "seconds",      "energy_pj",   "energy_delay_js",
                                 "area_mm2", "output_error", "utilisation", "dram_bytes",
                                 "pes",      "verified"};
  for (const Expression& objective : study.objectives) {
    for (const std::string& word : objective.keys()) names.push_back(figure_of_objectives(word)->name);
  }
  const std::size_t always = names.size();
  for (const MetricColumn* column : stored_run_columns()) {
    if (column->kind != MetricKind::text) names.push_back(column->name);
  }
  Json figures = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t place = column_of(points, names[i]);
    if (figures.contains(names[i]) || place == points.columns.size()) continue;
    const bool room = figures.size() * points.cells.size() < most_figures;
    if (i < always || (room && tells_apart(points, place))) figures[names[i]] = column(points, place);
  }
  return figures;
}

// A column each, since a key a point would be most of the file.
Json points_json(const Study& study, const Rows& points) {
  Json json{{"point", column(points, column_of(points, "point"))}};
  for (const char* name : {"trace", "accelerator", "status", "error"})
    json[name] = coded(points, column_of(points, name));
  json["parameters"] = Json::array();
  const auto [first, end] = parameter_columns(points);
  for (std::size_t i = first; i < end; ++i)
    json["parameters"].push_back({{"key", points.columns[i]}, {"values", column(points, i)}});
  json["figures"] = figures_json(study, points);
  json["objectives"] = Json::array();
  const std::size_t status = column_of(points, "status");
  for (std::size_t row = 0; row < points.cells.size(); ++row)
    json["objectives"].push_back(points.cells[row][status] == "done" ? Json(objectives_of(study, points, row))
                                                                     : Json());
  return json;
}

Json fronts_json(const StudySummary& summary, const std::vector<std::size_t>& kept) {
  Json fronts = Json::array();
  for (const Front& front : summary.fronts) {
    Json rows = Json::array();
    for (const std::size_t row : front.rows) {
      const auto place = std::lower_bound(kept.begin(), kept.end(), row);
      if (place != kept.end() && *place == row) rows.push_back(place - kept.begin());
    }
    fronts.push_back({{"trace", front.trace}, {"points", front.rows.size()}, {"rows", rows}});
  }
  return fronts;
}

std::int64_t thousandths(double part, double whole) {
  return whole <= 0 ? 0 : std::llround(1000 * part / whole);
}

// Of each layer: cycles, energy in pJ, then the thousandths of them in each bin and each component.
Json layers_of_point(const Rows& layers, std::int64_t pes) {
  Json numbers = Json::array();
  for (const std::vector<Datum>& cells : layers.cells) {
    const auto number = [&](const std::string& name) { return cells[column_of(layers, name)].get<double>(); };
    const double cycles = number("cycles"), energy = number("energy_pj");
    numbers.push_back(std::llround(cycles));
    numbers.push_back(std::llround(energy));
    for (std::size_t i = 0; i < bin_count; ++i)
      numbers.push_back(
          thousandths(number(bin_column(static_cast<Bin>(i))), cycles * static_cast<double>(pes)));
    for (const std::string_view component : energy_components)
      numbers.push_back(thousandths(number(component_column(component)), energy));
  }
  return numbers;
}

// Those of the fronts' points first, as many as there is room for.
Json layers_json(const StudySummary& summary, const KeptRows& kept, StudyDatabase& database) {
  const Rows& points = kept.points;
  const std::size_t status = column_of(points, "status"), pes = column_of(points, "pes");
  std::set<std::size_t> on_front;
  for (const Front& front : summary.fronts) on_front.insert(front.rows.begin(), front.rows.end());
  std::vector<std::size_t> order(points.cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return on_front.count(kept.places[i]) > 0; });

  Json names = Json::object(), rows = Json::array();
  rows.get_ref<Json::array_t&>().resize(points.cells.size());
  std::size_t room = most_layers;
  for (const std::size_t i : order) {
    const std::vector<Datum>& cells = points.cells[i];
    if (cells[status] != "done") continue;
    const Rows layers = database.layer_rows(cells[0].get<std::size_t>());
    if (layers.cells.size() > room) break;
    room -= layers.cells.size();
    rows[i] = layers_of_point(layers, cells[pes].get<std::int64_t>());
    const std::string trace = cell_text(cells[column_of(points, "trace")]);
    if (names.contains(trace)) continue;
    names[trace] = Json::array();
    for (const std::vector<Datum>& layer : layers.cells)
      names[trace].push_back(cell_text(layer[column_of(layers, "layer")]));
  }
  Json json{{"names", names}, {"rows", rows}};
  for (std::size_t i = 0; i < bin_count; ++i) json["bins"].push_back(bin_column(static_cast<Bin>(i)));
  for (const std::string_view component : energy_components)
    json["components"].push_back(component_column(component));
  return json;
}

Json traces_json(const Study& study) {
  Json traces = Json::array();
  for (const StudyTrace& trace : study.traces) {
    traces.push_back({{"name", trace.name},
                      {"file", trace.file.lexically_normal().string()},
                      {"fingerprint", fingerprint_of(trace)},
                      {"synthetic", trace.shapes.has_value()},
                      {"network", !trace.shapes && is_dense_network(trace.file.string())},
                      {"recipe", trace.recipe_text}});
  }
  return traces;
}

Json accelerators_json(const Study& study, StudyDatabase& database) {
  const Rows tags = database.energy_by_tag();
  Json accelerators = Json::array();
  for (const StudyAccelerator& accelerator : study.accelerators) {
    Json json{{"name", accelerator.name},
              {"source", accelerator.source},
              {"technology", accelerator.keys.value("technology").value_or("")},
              {"description", accelerator.keys.text()}};
    for (const Parameter& parameter : accelerator.parameters) {
      if (parameter.key == "technology") json["technology"] = "a parameter";
    }
    for (const std::vector<Datum>& row : tags.cells) {
      if (row[0] != accelerator.name) continue;
      double energy = 0;
      for (std::size_t i = 1; i < row.size(); ++i) energy += row[i].get<double>();
      for (std::size_t i = 1; i < row.size(); ++i)
        json["tags"][tags.columns[i]] = row[i].get<double>() / energy;
    }
    accelerators.push_back(std::move(json));
  }
  return accelerators;
}

std::string title_of(const Study& study, const PageOptions& options) {
  return options.title.empty() ? "Study " + study.name : options.title;
}

Json study_json(const Study& study, StudyDatabase& database, const PageOptions& options) {
  Json json{{"name", study.name},           {"file", study.file},
            {"command", options.command},   {"title", title_of(study, options)},
            {"traces", traces_json(study)}, {"accelerators", accelerators_json(study, database)},
            {"constraints", Json::array()}, {"layers", study.layers},
            {"verify", study.verify}};
  json["objectives"] = Json::array();
  for (const Expression& objective : study.objectives) json["objectives"].push_back(objective.text());
  for (const Expression& constraint : study.constraints) json["constraints"].push_back(constraint.text());
  if (study.multipliers) json["multipliers"] = *study.multipliers;
  if (study.area_mm2) json["area_mm2"] = *study.area_mm2;
  if (study.sampling.latin_hypercube)
    json["sampling"] = fmt::format("Latin hypercube of {} a trace and accelerator, seed {}",
                                   *study.sampling.latin_hypercube, study.sampling.seed);
  return json;
}

}  // namespace

std::string to_html(const Study& study, const StudySummary& summary, StudyDatabase& database,
                    const PageOptions& options) {
  const KeptRows kept = kept_rows(summary, database);
  const Json data{{"study", study_json(study, database, options)},
                  {"counts",
                   {{"points", summary.points},
                    {"done", summary.done},
                    {"refused", summary.refused},
                    {"failed", summary.failed},
                    {"missing", summary.missing}}},
                  {"points", points_json(study, kept.points)},
                  {"fronts", fronts_json(summary, kept.places)},
                  {"layers", layers_json(summary, kept, database)}};
  constexpr std::array<std::string_view, 5> scripts{"study_points.js", "study_charts.js", "study_point.js",
                                                    "study_provenance.js", "study_page.js"};
  return report_page(title_of(study, options), summary.program, data, scripts);
}

}  // namespace basil
