#include "models/study/front/front.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/csv.h"
#include "core/error.h"
#include "core/expression.h"
#include "core/table.h"
#include "models/description/accelerator_document.h"
#include "models/study/front/pareto.h"

namespace basil {
namespace {

// Points of one trace as they come, of which those that another beats are forgotten in time.
class FrontMaker {
 public:
  explicit FrontMaker(Front& front) : front_(front) {}

  void add(std::size_t row, const std::vector<Datum>& cells, std::vector<double> objectives) {
    front_.rows.push_back(row);
    front_.points.cells.push_back(cells);
    front_.objectives.push_back(std::move(objectives));
    if (front_.rows.size() >= room_) prune();
  }

  // To be called at the end: the front in its order.
  void prune() {
    Front left{.trace = front_.trace, .points = {front_.points.columns, {}}, .rows = {}, .objectives = {}};
    for (const std::size_t place : pareto_front(front_.objectives)) {
      left.rows.push_back(front_.rows[place]);
      left.points.cells.push_back(std::move(front_.points.cells[place]));
      left.objectives.push_back(std::move(front_.objectives[place]));
    }
    front_ = std::move(left);
    room_ = 2 * front_.rows.size() + 1000;
  }

 private:
  Front& front_;
  std::size_t room_ = 1000;
};

std::string shown(const std::string& objective, double value) {
  const MetricColumn* column = figure_of_objectives(objective);
  if (column == nullptr) return fmt::format("{:.4g}", value);
  if (column->unit == "pJ") return metric(value * 1e-12, "J");
  if (column->unit == "s" || column->unit == "Js") return metric(value, column->unit);
  if (column->unit == "mm2") return fmt::format("{:.3f} mm2", value);
  if (column->name == "output_error") return fmt::format("{:.2f} %", 100 * value);
  if (column->kind == MetricKind::count) return grouped(std::llround(value));
  return fmt::format("{:.4g}", value);
}

std::string front_table(const StudySummary& summary, const Front& front) {
  const Rows& points = front.points;
  const auto [first, end] = parameter_columns(points);
  std::vector<std::string> header{"accelerator", "point"};
  header.insert(header.end(), points.columns.begin() + static_cast<std::ptrdiff_t>(first),
                points.columns.begin() + static_cast<std::ptrdiff_t>(end));
  header.insert(header.end(), summary.objectives.begin(), summary.objectives.end());
  Table table(header);
  std::vector<std::string> kept = summary.objectives;
  kept.emplace_back("point");
  table.keep(kept);
  for (std::size_t i = 0; i < front.rows.size(); ++i) {
    const std::vector<Datum>& cells = points.cells[i];
    std::vector<std::string> row{cell_text(cells[column_of(points, "accelerator")]), cell_text(cells[0])};
    for (std::size_t c = first; c < end; ++c) row.push_back(cell_text(cells[c]));
    for (std::size_t o = 0; o < summary.objectives.size(); ++o)
      row.push_back(shown(summary.objectives[o], front.objectives[i][o]));
    table.add(std::move(row));
  }
  return table.text();
}

}  // namespace

std::vector<double> objectives_of(const Study& study, const Rows& rows, std::size_t row) {
  const auto figure = [&](const std::string& word) -> ExpressionValue {
    const std::string& name = figure_of_objectives(word)->name;
    const std::size_t place = column_of(rows, name);
    if (place == rows.columns.size() || rows.cells[row][place].is_null())
      throw Error(study.file + ": objectives: " + word, "no " + name + " in these results",
                  "a study run anew");
    return rows.cells[row][place].get<double>();
  };
  std::vector<double> values;
  for (const Expression& objective : study.objectives) values.push_back(objective.number(figure));
  return values;
}

namespace {

// Counts a row, and keeps the first that was refused or failed.
void count(StudySummary& summary, const Rows& row) {
  const std::vector<Datum>& cells = row.cells[0];
  const std::size_t status = column_of(row, "status");
  const std::string ended = cell_text(cells[status]);
  ++summary.points;
  summary.done += ended == "done" ? 1U : 0U;
  summary.refused += ended == "refused" ? 1U : 0U;
  summary.failed += ended == "failed" ? 1U : 0U;
  summary.missing += ended == "missing" ? 1U : 0U;
  if (summary.first_error.empty() && (ended == "refused" || ended == "failed")) {
    summary.first_error = fmt::format("point {} ({}) {}: {}", cell_text(cells[0]), design(row, 0), ended,
                                      cell_text(cells[status + 1]));
  }
}

}  // namespace

StudySummary summary(const Study& study, StudyDatabase& database) {
  StudySummary summary;
  summary.study = study.name;
  Listing listing = database.listing();
  summary.program = listing.program;
  summary.descriptions = std::move(listing.descriptions);
  summary.traces = std::move(listing.traces);
  for (const Expression& objective : study.objectives) summary.objectives.push_back(objective.text());
  const Rows columns = database.point_columns_only();
  for (const StudyTrace& trace : study.traces)
    summary.fronts.push_back({.trace = trace.name, .points = columns, .rows = {}, .objectives = {}});
  std::vector<FrontMaker> makers(summary.fronts.begin(), summary.fronts.end());
  const std::size_t status = column_of(columns, "status"), trace_column = column_of(columns, "trace");
  database.each_point([&](const Rows& row) {
    const std::vector<Datum>& cells = row.cells[0];
    if (cells[status] == "done") {
      for (std::size_t i = 0; i < makers.size(); ++i) {
        if (cells[trace_column] == summary.fronts[i].trace)
          makers[i].add(summary.points, cells, objectives_of(study, row, 0));
      }
    }
    count(summary, row);
  });
  for (FrontMaker& maker : makers) maker.prune();
  return summary;
}

std::string to_text(const StudySummary& summary) {
  std::string text = fmt::format("{}: {} points, {} done", summary.study, summary.points, summary.done);
  if (summary.refused > 0) text += fmt::format(", {} refused by their machine", summary.refused);
  if (summary.failed > 0) text += fmt::format(", {} failed", summary.failed);
  if (summary.missing > 0) text += fmt::format(", {} not run yet", summary.missing);
  text += "\n";
  if (!summary.first_error.empty()) text += summary.first_error + "\n";
  for (const Front& front : summary.fronts) {
    if (front.rows.empty()) continue;
    text += fmt::format("\nPareto front on {}: {} point{}\n", front.trace, front.rows.size(),
                        front.rows.size() == 1 ? "" : "s");
    text += front_table(summary, front);
  }
  return text;
}

nlohmann::ordered_json to_json(const StudySummary& summary) {
  nlohmann::ordered_json json{
      {"schema", "basil-study/1"}, {"program", summary.program}, {"study", summary.study},
      {"points", summary.points},  {"done", summary.done},       {"refused", summary.refused},
      {"failed", summary.failed},  {"missing", summary.missing}, {"objectives", summary.objectives}};
  for (const auto& [name, text] : summary.descriptions) {
    auto& keys = json["accelerators"][name];
    for (const auto& [key, value] : described_keys(text, name, {})) keys[key] = value;
  }
  for (const auto& [name, print] : summary.traces) json["traces"][name] = print;
  json["fronts"] = nlohmann::ordered_json::array();
  for (const Front& front : summary.fronts) {
    nlohmann::ordered_json points = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < front.rows.size(); ++i) {
      nlohmann::ordered_json point;
      const std::vector<Datum>& cells = front.points.cells[i];
      for (std::size_t c = 0; c < cells.size(); ++c) {
        if (!cells[c].is_null()) point[front.points.columns[c]] = cells[c];
      }
      point["objectives"] = front.objectives[i];
      points.push_back(std::move(point));
    }
    json["fronts"].push_back({{"trace", front.trace}, {"points", std::move(points)}});
  }
  return json;
}

std::string csv_cells(const std::vector<Datum>& cells) {
  std::vector<std::string> words;
  words.reserve(cells.size());
  for (const Datum& cell : cells) words.push_back(cell_text(cell));
  return csv_row(words);
}

}  // namespace basil
