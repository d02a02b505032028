#include "models/report/result_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/names.h"
#include "models/report/older_results.h"
#include "models/result/cell_json.h"
#include "models/result/parts.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

// Of a result that has it, whatever version wrote it.
template <class Value>
Value said(const Json& json, const char* column) {
  return std::get<Value>(cell_from(json.at(column), *find_column(column)));
}

// Whole numbers to the last digit; reals were added in some order, and those of older files are rounded.
void check_sum(const std::string& where, const MetricColumn& column, double said, double sum,
               const std::string& of) {
  const double tolerance = column.kind == MetricKind::count ? 0 : 1e-6 * std::max(said, sum);
  if (std::abs(said - sum) <= tolerance) return;
  const auto text = [&](double figure) {
    return column.kind == MetricKind::count ? fmt::format("{:.0f}", figure) : fmt::format("{:.9g}", figure);
  };
  throw Error(where + column.name, text(said), text(sum) + ", the sum of " + of);
}

// Of those that are all known.
std::optional<double> sum_of(const Json& layer, const std::vector<std::string>& columns) {
  double sum = 0;
  for (const std::string& column : columns) {
    const MetricCell cell = cell_in(layer, *find_column(column));
    if (!known(cell)) return std::nullopt;
    sum += number_in(cell);
  }
  return sum;
}

// What a run says of all layers is what these say; a layer's energy is that of its components, and its bins
// hold each cycle of each PE. Somebody may have edited the file.
void check_sums(const Json& json, std::int64_t pes) {
  std::vector<std::string> bins, components;
  for (std::size_t i = 0; i < bin_count; ++i) bins.push_back(bin_column(static_cast<Bin>(i)));
  for (const std::string_view component : energy_components)
    components.push_back(component_column(component));
  const MetricColumn &cycles = *find_column("cycles"), &energy = *find_column("energy_pj");
  for (const Json& layer : json.at("layers")) {
    const std::string where = "result: layer " + said<std::string>(layer, "layer") + ": ";
    if (const std::optional<double> sum = sum_of(layer, components))
      check_sum(where, energy, said<double>(layer, "energy_pj"), *sum, "its components");
    if (const std::optional<double> sum = sum_of(layer, bins))
      check_sum(where, cycles, static_cast<double>(said<std::int64_t>(layer, "cycles")),
                *sum / static_cast<double>(pes), "its bins over its PEs");
  }
  for (const MetricColumn* column : run_columns()) {
    const MetricCell whole = cell_in(json, *column);
    if (column->total != Total::sum || !known(whole)) continue;
    double sum = 0;
    bool all = true;
    for (const Json& layer : json.at("layers")) {
      const MetricCell cell = cell_in(layer, *column);
      all = all && known(cell);
      if (known(cell)) sum += number_in(cell);
    }
    if (all) check_sum("result: ", *column, number_in(whole), sum, "its layers");
  }
}

}  // namespace

ResultAccount account_from_json(const nlohmann::ordered_json& written) {
  try {
    const Json json = in_todays_words(written);
    ResultAccount account{
        .title = said<std::string>(json, "trace") + " on " + said<std::string>(json, "accelerator"),
        .trace_fingerprint = json.value("trace_fingerprint", ""),
        .description = {},
        .pes = said<std::int64_t>(json, "pes"),
        .layers = {}};
    if (account.pes == 0) throw Error("result: pes", "0", "a machine of 1 or more");
    if (json.contains("clock_mhz")) {
      const auto clock = said<double>(json, "clock_mhz");
      if (!(clock > 0)) throw Error("result: clock_mhz", fmt::format("{}", clock), "a clock above 0");
    }
    if (json.contains("description")) {  // older files do not tell
      for (const auto& [key, value] : json.at("description").items())
        account.description.emplace_back(key, value);
    }
    for (const Json& layer : json.at("layers")) {
      account.layers.push_back(
          account_of_layer(said<std::string>(layer, "layer"),
                           [&](const MetricColumn& column) { return cell_in(layer, column); }));
    }
    check_sums(json, account.pes);
    return account;
  } catch (const nlohmann::json::exception& error) {
    throw Error("result", library_message(error), "a file that " + field_name("to_json()") + " wrote");
  }
}

}  // namespace basil
