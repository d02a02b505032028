#include "models/result/column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.h"

namespace basil {
namespace {

std::vector<MetricColumn> all_columns() {
  std::vector<MetricColumn> columns;
  for (const ColumnGroup* group : ordered_column_groups()) {
    for (MetricColumn& column : group->columns()) columns.push_back(std::move(column));
  }
  return columns;
}

std::map<std::string_view, const MetricColumn*> by_name() {
  std::map<std::string_view, const MetricColumn*> names;
  for (const MetricColumn& column : metric_columns()) {
    if (!names.emplace(column.name, &column).second)
      throw Failure(fmt::format("two columns are called {}", column.name));
  }
  return names;
}

template <class Has>
std::vector<const MetricColumn*> chosen(Has has) {
  std::vector<const MetricColumn*> columns;
  for (const MetricColumn& column : metric_columns()) {
    if (has(column)) columns.push_back(&column);
  }
  return columns;
}

}  // namespace

std::string_view to_string(MetricKind kind) {
  constexpr std::array<std::string_view, 4> words{"flag", "count", "real", "text"};
  return words[static_cast<std::size_t>(kind)];
}

double number_in(const MetricCell& cell) {
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? 1 : 0;
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*count);
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<const ColumnGroup*> ordered_column_groups() {
  const auto found = column_groups();
  std::vector<const ColumnGroup*> groups(found.begin(), found.end());
  std::stable_sort(groups.begin(), groups.end(),
                   [](const ColumnGroup* a, const ColumnGroup* b) { return a->place < b->place; });
  return groups;
}

const std::vector<MetricColumn>& metric_columns() {
  static const std::vector<MetricColumn> columns = all_columns();
  return columns;
}

const std::vector<const MetricColumn*>& layer_columns() {
  static const std::vector<const MetricColumn*> columns =
      chosen([](const MetricColumn& column) { return column.of_layer != nullptr; });
  return columns;
}

const std::vector<const MetricColumn*>& run_columns() {
  static const std::vector<const MetricColumn*> columns =
      chosen([](const MetricColumn& column) { return column.of_run != nullptr; });
  return columns;
}

const MetricColumn* find_column(std::string_view name) {
  static const std::map<std::string_view, const MetricColumn*> names = by_name();
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

}  // namespace basil
