// A comparison for the console, for programs and for spreadsheets.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/names.h"
#include "core/table.h"
#include "models/compare/compare.h"
#include "models/compare/compare_remarks.h"
#include "models/report/report.h"
#include "models/result/column.h"
#include "models/result/parts.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

double seconds(const Result& result, const LayerResult& layer) { return result.seconds(layer.cycles); }
double joules(const Result& /*result*/, const LayerResult& layer) {
  return layer.energy.total().value * 1e-12;
}

// "basis" or "basis, bitmap": of the layers that ran.
std::string encodings(const Result& result) {
  std::string text;
  std::set<std::string> seen;
  for (const LayerResult& layer : result.layers) {
    if (seen.insert(layer.encoding).second) text += (text.empty() ? "" : ",") + layer.encoding;
  }
  return text;
}

double number_of(const Result& result, const char* column) {
  return number_in(find_column(column)->of_run(result));
}

bool verified(const Result& result) {
  return std::all_of(result.layers.begin(), result.layers.end(),
                     [](const LayerResult& layer) { return layer.verified; });
}

std::string footing_text(Footing footing) {
  switch (footing) {
    case Footing::equal_multipliers:
      return "equal multipliers";
    case Footing::equal_area:
      return "equal area";
    case Footing::as_described:
      break;
  }
  return "as described";
}

// Equal to the golden executor, and whether that is what the others computed.
std::string verified_text(const Result& result) {
  const SumStatistics sums = result.sums();
  std::string text = verified(result) ? "yes" : "NO";
  if (sums.overflowed > 0)
    text += fmt::format(", {:.1f} % of sums overflow",
                        100 * static_cast<double>(sums.overflowed) / static_cast<double>(sums.count));
  return text;
}

// Machines that did not compute what the others did.
std::string overflow_text(const Comparison& comparison) {
  std::string text;
  for (const Result& result : comparison.results) {
    const SumStatistics sums = result.sums();
    if (sums.overflowed == 0) continue;
    text += fmt::format(
        "{}: {} of {} sums do not fit psum_bits {} ({}), {} bits would hold every psum; its output "
        "error is that of exact sums\n",
        result.accelerator, grouped(sums.overflowed), grouped(sums.count), result.sum_width.psum_bits,
        to_string(result.sum_width.overflow), sums.needed_bits);
  }
  return text;
}

std::string totals_table(const Comparison& comparison) {
  Table table({"accelerator", "weights", "PEs", "MHz", "node", "area mm2", "cycles", "time", "energy", "",
               "low", "high", "energy x delay", "", "output error", "speed-up", "energy gain", "verified"},
              2);
  table.keep(
      {"time", "energy", "speed-up", "energy gain", "cycles", "verified", "output error", "PEs", "MHz"});
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    const Contender& contender = comparison.contenders[i];
    const double time = result.seconds(result.cycles()), energy = result.energy().value * 1e-12;
    const EnergyRange range = result.energy_range();
    const auto mark = [&](Spreading figure) { return overlaps_any(comparison, figure, i) ? "~" : ""; };
    table.add({contender.name, encodings(result), std::to_string(result.pes),
               fmt::format("{:g}", result.clock_mhz), result.technology,
               fmt::format("{:.2f}", result.area_mm2), grouped(result.cycles().value), metric(time, "s"),
               metric(energy, "J"), mark(Spreading::energy), metric(range.low.value * 1e-12, "J"),
               metric(range.high.value * 1e-12, "J"), metric(number_of(result, "energy_delay_js"), "Js"),
               mark(Spreading::energy_delay),
               fmt::format("{:.1f} %", 100 * number_of(result, "output_error")),
               ratio_text(number_of(result, "speedup")), ratio_text(number_of(result, "energy_gain")),
               verified_text(result)});
  }
  return table.text();
}

// Of each accelerator's energy, what its figures rest on.
std::string tags_table(const Comparison& comparison) {
  std::vector<std::string> header{"% of energy"};
  for (const Tag tag : energy_tags) header.emplace_back(to_string(tag));
  Table table(header);
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    std::vector<std::string> row{comparison.contenders[i].name};
    for (const Tag tag : energy_tags)
      row.push_back(fmt::format("{:.1f}", 100 * number_of(comparison.results[i],
                                                          (std::string(to_string(tag)) + "_share").c_str())));
    table.add(row);
  }
  return table.text();
}

// Layers down, accelerators across.
std::string layer_table(const Comparison& comparison, const std::string& title, const LayerFigure& figure,
                        const std::string& unit) {
  std::vector<std::string> header{title};
  for (const Contender& contender : comparison.contenders) header.push_back(contender.name);
  Table table(header);
  const Result& first = comparison.results.front();
  for (std::size_t layer = 0; layer < first.layers.size(); ++layer) {
    const double base = figure(first, first.layers[layer]);
    std::vector<std::string> row{first.layers[layer].name, metric(base, unit)};
    for (std::size_t i = 1; i < comparison.results.size(); ++i) {
      const Result& result = comparison.results[i];
      row.push_back(ratio_text(base / figure(result, result.layers[layer])));
    }
    table.add(row);
  }
  table.rule();
  std::vector<std::string> mean{"geometric mean", ""};
  for (std::size_t i = 1; i < comparison.results.size(); ++i) {
    mean.push_back(ratio_text(mean_ratio(comparison.results.front(), comparison.results[i], figure)));
  }
  table.add(mean);
  return table.text();
}

// Of the accelerator that takes most.
std::string memory_text(const Comparison& comparison) {
  const auto bytes = [](const Result& result) {
    return result.memory_at_a_time ? result.memory_at_a_time->bytes() : 0;
  };
  const auto most = std::max_element(comparison.results.begin(), comparison.results.end(),
                                     [&](const Result& a, const Result& b) { return bytes(a) < bytes(b); });
  if (!most->memory_at_a_time) return "";
  const Contender& contender =
      comparison.contenders[static_cast<std::size_t>(most - comparison.results.begin())];
  return fmt::format("\nmemory: {} on {}\n", memory_text(*most->memory_at_a_time), printable(contender.name));
}

}  // namespace

std::string to_text(const Comparison& comparison) {
  std::string text = fmt::format(
      "{}: {} layer{} on {} accelerator{}, {}; speed-up and energy gain are geometric "
      "means over {}\n",
      printable(comparison.trace), comparison.results.front().layers.size(),
      comparison.results.front().layers.size() == 1 ? "" : "s", comparison.results.size(),
      comparison.results.size() == 1 ? "" : "s", footing_text(comparison.footing),
      comparison.contenders.front().name);
  if (comparison.results.front().synthetic)
    text += "SYNTHETIC trace: weights and inputs are drawn, not trained\n";
  for (const Contender& contender : comparison.contenders) {
    if (!contender.derivation.empty()) text += fmt::format("{}: {}\n", contender.name, contender.derivation);
  }
  for (const Refusal& accelerator : comparison.refused)
    text += fmt::format("NOT COMPARED {}: {}\n", accelerator.name, accelerator.reason);
  text += overflow_text(comparison);
  text += "\n" + totals_table(comparison);
  text += "  low, high: every figure of the technology tables at that end of its bracket\n";
  for (const std::string& remark : remarks(comparison)) text += "  " + remark + "\n";
  text += "\n" + tags_table(comparison);
  text += "\n" + layer_table(comparison, "time, and speed-up", seconds, "s");
  text += "\n" + layer_table(comparison, "energy, and gain", joules, "J");
  return text + memory_text(comparison);
}

nlohmann::ordered_json to_json(const Comparison& comparison) {
  Json json{{"schema", "basil-comparison/2"},
            {"trace", comparison.trace},
            {"trace_fingerprint", comparison.trace_fingerprint},
            {"footing", footing_text(comparison.footing)},
            {"remarks", remarks(comparison)}};
  json["refused"] = Json::array();
  for (const Refusal& accelerator : comparison.refused)
    json["refused"].push_back({{"accelerator", accelerator.name}, {"reason", accelerator.reason}});
  json["accelerators"] = Json::array();
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    const Contender& contender = comparison.contenders[i];
    Json entry;
    add_run_columns(entry, result);
    entry["derivation"] = contender.derivation;
    entry["energy_overlaps"] = overlaps_any(comparison, Spreading::energy, i);
    entry["energy_delay_overlaps"] = overlaps_any(comparison, Spreading::energy_delay, i);
    entry["layers"] = Json::array();
    for (const LayerResult& layer : result.layers)
      add_layer_columns(entry["layers"].emplace_back(), result, layer);
    entry["memory"] = memory_json(result);
    entry["overrides"] = contender.overrides;
    entry["scaling"] = contender.scaling;
    entry["description"] = description_json(result);
    json["accelerators"].push_back(entry);
  }
  return json;
}

std::string to_csv(const Comparison& comparison) { return to_csv(std::span(comparison.results)); }

}  // namespace basil
