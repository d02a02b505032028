#include "models/result/column_reference.h"

#include <fmt/format.h>

#include "core/names.h"
#include "core/table.h"
#include "models/result/column.h"

namespace basil {
namespace {

// What a run has of a layer's column.
std::string of_what(const MetricColumn& column) {
  if (!column.of_layer) return "run";
  if (!column.of_run) return "layer";
  return column.total == Total::sum    ? "layer; run: sum"
         : column.total == Total::most ? "layer; run: most"
                                       : "layer and run";
}

std::string holds(const MetricColumn& column) {
  return std::string(to_string(column.kind)) + (column.optional ? ", may be missing" : "");
}

}  // namespace

std::string columns_table() {
  Table table({"column", "unit", "of", "holds", "meaning"}, 5);
  for (const MetricColumn& column : metric_columns())
    table.add({column.name, column.unit, of_what(column), holds(column), column.description});
  return table.text();
}

std::string columns_page() {
  std::string page;
  for (const ColumnGroup* group : ordered_column_groups()) {
    page += fmt::format("\n## {}\n\n| column | unit | of | holds | meaning |\n|---|---|---|---|---|\n",
                        group->heading);
    for (const MetricColumn& column : group->columns())
      page += fmt::format("| `{}` | {} | {} | {} | {} |\n", column.name, column.unit, of_what(column),
                          holds(column), markdown_cell(column.description));
  }
  return page;
}

}  // namespace basil
