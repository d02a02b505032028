// What a layer or a run reports: one table of columns, by which all formats write and read it. JSON, CSV, a
// study's database, the page, `basil diff` and Python's frames call a figure by its column's name.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace basil {

struct LayerResult;
struct Result;

// A figure or a word; nothing where it is not known, or means nothing there.
using MetricCell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

[[nodiscard]] inline bool known(const MetricCell& cell) {
  return !std::holds_alternative<std::monostate>(cell);
}
// Of a flag, count or real; NaN of others.
[[nodiscard]] double number_in(const MetricCell& cell);

enum class MetricKind { flag, count, real, text };
[[nodiscard]] std::string_view to_string(MetricKind kind);

// How layers' cells make those of all of them.
enum class Total { none, sum, most };

struct MetricColumn {
  std::string name;         // small letters, digits and _
  std::string unit;         // empty of words and plain numbers
  std::string description;  // of a layer's; of a run's where only runs have it
  MetricKind kind = MetricKind::count;
  int digits = 9;  // significant ones of a real in CSV and on a page; JSON and databases have them all
  // Tells runs apart: stands in every layer's row of CSV, too.
  bool heads_rows = false;
  Total total = Total::none;
  bool below_zero = false;  // whether it may be
  bool optional = false;    // whether a result may lack it: what it says has no meaning there

  // Empty where only runs have it. The layer is one of the result's.
  std::function<MetricCell(const Result& result, const LayerResult& layer)> of_layer = nullptr;
  // Empty where only layers have it.
  std::function<MetricCell(const Result& result)> of_run = nullptr;
  // Puts it back; empty of what follows from other columns or from the energy's lines.
  std::function<void(LayerResult& layer, const MetricCell& cell)> put_in_layer = nullptr;
  std::function<void(Result& result, const MetricCell& cell)> put_in_run = nullptr;
};

// Columns of one subject: a file of models/result/columns/, here or in a folder of BASIL_EXTRA, which defines
// `const ColumnGroup <file's name>_columns`.
struct ColumnGroup {
  std::string_view heading;  // "Cycles"
  int place = 1000;          // among the groups, the least first
  std::vector<MetricColumn> (*columns)() = nullptr;
};

// As the build found them.
[[nodiscard]] std::span<const ColumnGroup* const> column_groups();
// In their places.
[[nodiscard]] std::vector<const ColumnGroup*> ordered_column_groups();

// All of them, group by group. Throws Failure where two have one name.
[[nodiscard]] const std::vector<MetricColumn>& metric_columns();
// Those that a layer has, and those that a run has.
[[nodiscard]] const std::vector<const MetricColumn*>& layer_columns();
[[nodiscard]] const std::vector<const MetricColumn*>& run_columns();
// Null where there is none of that name.
[[nodiscard]] const MetricColumn* find_column(std::string_view name);

}  // namespace basil
