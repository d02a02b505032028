// Results as CSV.
#include <fmt/format.h>

#include "core/csv.h"
#include "models/report/report.h"
#include "models/result/column.h"

namespace basil {
namespace {

std::string text_of(const MetricCell& cell, const MetricColumn& column) {
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return std::to_string(*count);
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format("{:.{}g}", *real, column.digits);
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? std::string() : *text;
}

// Those of a run that stand in every layer's row.
std::vector<const MetricColumn*> heading_columns() {
  std::vector<const MetricColumn*> columns;
  for (const MetricColumn* column : run_columns()) {
    if (column->heads_rows) columns.push_back(column);
  }
  return columns;
}

}  // namespace

std::string to_csv(std::span<const Result> results) {
  const std::vector<const MetricColumn*> of_run = heading_columns();
  std::vector<std::string> header;
  for (const MetricColumn* column : of_run) header.push_back(column->name);
  for (const MetricColumn* column : layer_columns()) header.push_back(column->name);
  std::string text = csv_row(header);
  for (const Result& result : results) {
    std::vector<std::string> head;
    for (const MetricColumn* column : of_run) head.push_back(text_of(column->of_run(result), *column));
    for (const LayerResult& layer : result.layers) {
      std::vector<std::string> cells = head;
      for (const MetricColumn* column : layer_columns())
        cells.push_back(text_of(column->of_layer(result, layer), *column));
      text += csv_row(cells);
    }
  }
  return text;
}

}  // namespace basil
