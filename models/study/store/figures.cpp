#include "models/study/store/figures.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "models/result/cell_json.h"

namespace basil {
namespace {

// Words that studies had before every column was one.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 4> short_words{
    {{"energy", "energy_pj"}, {"edp", "energy_delay_js"}, {"area", "area_mm2"}, {"dram", "dram_bytes"}}};

std::vector<const MetricColumn*> without(const std::vector<const MetricColumn*>& columns,
                                         std::initializer_list<std::string_view> names) {
  std::vector<const MetricColumn*> left;
  for (const MetricColumn* column : columns) {
    if (std::find(names.begin(), names.end(), column->name) == names.end()) left.push_back(column);
  }
  return left;
}

// As SQLite keeps it: flags are 0 and 1.
Datum datum_of(const MetricCell& cell) {
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? 1 : 0;
  return json_of<Datum>(cell);
}

inline constexpr std::array<std::string_view, 3> status_words{"done", "refused", "failed"};

}  // namespace

const std::vector<const MetricColumn*>& stored_run_columns() {
  static const std::vector<const MetricColumn*> columns = without(run_columns(), {"trace", "accelerator"});
  return columns;
}

const std::vector<const MetricColumn*>& stored_layer_columns() {
  static const std::vector<const MetricColumn*> columns = without(layer_columns(), {"layer_index"});
  return columns;
}

const MetricColumn* figure_of_objectives(std::string_view word) {
  for (const auto& [brief, name] : short_words) {
    if (word == brief) word = name;
  }
  const MetricColumn* column = find_column(word);
  return column != nullptr && column->of_run && column->kind != MetricKind::text ? column : nullptr;
}

std::string words_of_objectives(const std::string& unknown) {
  std::vector<std::string_view> words{"cycles", "seconds"};
  std::string expected = "cycles, seconds";
  for (const auto& [brief, name] : short_words) {
    words.push_back(brief);
    expected += ", " + std::string(brief);
  }
  for (const MetricColumn* column : run_columns()) {
    if (column->kind != MetricKind::text) words.push_back(column->name);
  }
  const std::string near = nearest(unknown, words);
  return expected + " or a run's column of numbers: see 'basil list columns'" +
         (near.empty() ? "" : " (did you mean " + near + "?)");
}

std::string_view to_string(PointStatus status) { return status_words[static_cast<std::size_t>(status)]; }

PointStatus parse_status(std::string_view word) {
  const auto found = std::find(status_words.begin(), status_words.end(), word);
  return static_cast<PointStatus>(std::min<std::ptrdiff_t>(found - status_words.begin(), 2));
}

PointResult point_result(const Result& result) {
  PointResult point{.status = PointStatus::done, .error = {}, .figures = {}, .layers = {}};
  for (const MetricColumn* column : stored_run_columns())
    point.figures.push_back(datum_of(column->of_run(result)));
  for (const LayerResult& layer : result.layers) {
    std::vector<Datum>& cells = point.layers.emplace_back();
    for (const MetricColumn* column : stored_layer_columns())
      cells.push_back(datum_of(column->of_layer(result, layer)));
  }
  return point;
}

PointResult unfinished(PointStatus status, const std::string& error) {
  return {.status = status,
          .error = error,
          .figures = std::vector<Datum>(stored_run_columns().size()),
          .layers = {}};
}

}  // namespace basil
