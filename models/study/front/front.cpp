#include "models/study/front/front.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/expression.h"
#include "core/names.h"
#include "core/table.h"
#include "models/study/front/pareto.h"

namespace basil {
namespace {

Front front_of(const Study& study, const Rows& rows, const std::string& trace) {
  const std::size_t status = column_of(rows, "status"), trace_column = column_of(rows, "trace");
  std::vector<std::size_t> done;
  std::vector<std::vector<double>> objectives;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    if (rows.cells[row][status] != "done" || rows.cells[row][trace_column] != trace) continue;
    done.push_back(row);
    objectives.push_back(objectives_of(study, rows, row));
  }
  Front front{.trace = trace, .rows = {}, .objectives = {}};
  for (const std::size_t place : pareto_front(objectives)) {
    front.rows.push_back(done[place]);
    front.objectives.push_back(objectives[place]);
  }
  return front;
}

std::string shown(const std::string& objective, double value) {
  if (objective == "cycles" || objective == "dram") return grouped(static_cast<std::int64_t>(value));
  if (objective == "seconds") return metric(value, "s");
  if (objective == "energy") return metric(value * 1e-12, "J");
  if (objective == "edp") return metric(value, "Js");
  if (objective == "area") return fmt::format("{:.3f} mm2", value);
  if (objective == "output_error") return fmt::format("{:.2f} %", 100 * value);
  return fmt::format("{:.4g}", value);
}

std::string front_table(const StudySummary& summary, const Front& front) {
  const auto [first, end] = parameter_columns(summary.points);
  std::vector<std::string> header{"accelerator", "point"};
  header.insert(header.end(), summary.points.columns.begin() + static_cast<std::ptrdiff_t>(first),
                summary.points.columns.begin() + static_cast<std::ptrdiff_t>(end));
  header.insert(header.end(), summary.objectives.begin(), summary.objectives.end());
  Table table(header);
  for (std::size_t i = 0; i < front.rows.size(); ++i) {
    const std::vector<Datum>& cells = summary.points.cells[front.rows[i]];
    std::vector<std::string> row{cell_text(cells[column_of(summary.points, "accelerator")]),
                                 cell_text(cells[0])};
    for (std::size_t c = first; c < end; ++c) row.push_back(cell_text(cells[c]));
    for (std::size_t o = 0; o < summary.objectives.size(); ++o)
      row.push_back(shown(summary.objectives[o], front.objectives[i][o]));
    table.add(std::move(row));
  }
  return table.text();
}

}  // namespace

std::vector<double> objectives_of(const Study& study, const Rows& rows, std::size_t row) {
  const auto figure = [&](const std::string& name) -> ExpressionValue {
    const auto found = std::find_if(point_columns().begin(), point_columns().end(),
                                    [&](const PointColumn& column) { return column.figure == name; });
    return rows.cells[row][column_of(rows, found->column.name)].get<double>();
  };
  std::vector<double> values;
  for (const Expression& objective : study.objectives) values.push_back(objective.number(figure));
  return values;
}

StudySummary summary(const Study& study, StudyDatabase& database) {
  StudySummary summary;
  summary.study = study.name;
  summary.program = database.program();
  summary.points = database.point_rows();
  for (const Expression& objective : study.objectives) summary.objectives.push_back(objective.text());
  for (const StudyTrace& trace : study.traces)
    summary.fronts.push_back(front_of(study, summary.points, trace.name));
  const std::size_t status = column_of(summary.points, "status");
  for (std::size_t row = 0; row < summary.points.cells.size(); ++row) {
    const std::vector<Datum>& cells = summary.points.cells[row];
    const std::string ended = cell_text(cells[status]);
    summary.done += ended == "done" ? 1U : 0U;
    summary.refused += ended == "refused" ? 1U : 0U;
    summary.failed += ended == "failed" ? 1U : 0U;
    summary.missing += ended == "missing" ? 1U : 0U;
    if (summary.first_error.empty() && (ended == "refused" || ended == "failed")) {
      summary.first_error = fmt::format("point {} ({}) {}: {}", cell_text(cells[0]),
                                        design(summary.points, row), ended, cell_text(cells[status + 1]));
    }
  }
  return summary;
}

std::string to_text(const StudySummary& summary) {
  std::string text =
      fmt::format("{}: {} points, {} done", summary.study, summary.points.cells.size(), summary.done);
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
  nlohmann::ordered_json json{{"schema", "basil-study/1"},
                              {"program", summary.program},
                              {"study", summary.study},
                              {"points", summary.points.cells.size()},
                              {"done", summary.done},
                              {"refused", summary.refused},
                              {"failed", summary.failed},
                              {"missing", summary.missing},
                              {"objectives", summary.objectives}};
  json["fronts"] = nlohmann::ordered_json::array();
  for (const Front& front : summary.fronts) {
    nlohmann::ordered_json points = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < front.rows.size(); ++i) {
      nlohmann::ordered_json point;
      const std::vector<Datum>& cells = summary.points.cells[front.rows[i]];
      for (std::size_t c = 0; c < cells.size(); ++c) {
        if (!cells[c].is_null()) point[summary.points.columns[c]] = cells[c];
      }
      point["objectives"] = front.objectives[i];
      points.push_back(std::move(point));
    }
    json["fronts"].push_back({{"trace", front.trace}, {"points", std::move(points)}});
  }
  return json;
}

std::string to_csv(const Rows& rows) {
  std::string text;
  const auto add = [&text](const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : ",") + csv_cell(words[i]);
    text += "\n";
  };
  add(rows.columns);
  for (const std::vector<Datum>& cells : rows.cells) {
    std::vector<std::string> words;
    words.reserve(cells.size());
    for (const Datum& cell : cells) words.push_back(cell_text(cell));
    add(words);
  }
  return text;
}

}  // namespace basil
