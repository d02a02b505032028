// A comparison for the console, for programs and for spreadsheets.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>

#include "core/names.h"
#include "core/table.h"
#include "models/compare/compare.h"
#include "models/compare/compare_remarks.h"
#include "models/report/report.h"
#include "traces/trace.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;
using Figure = std::function<double(const Result&, const LayerResult&)>;

double seconds(const Result& result, const LayerResult& layer) { return result.seconds(layer.cycles); }
double joules(const Result& /*result*/, const LayerResult& layer) {
  return layer.energy.total().value * 1e-12;
}
double energy_delay(const Result& result, const LayerResult& layer) {
  return joules(result, layer) * seconds(result, layer);
}

double total(const Result& result, const Figure& figure) {
  double sum = 0;
  for (const LayerResult& layer : result.layers) sum += figure(result, layer);
  return sum;
}

// Of first / this one's, over the layers.
double mean_ratio(const Comparison& comparison, std::size_t contender, const Figure& figure) {
  const Result &first = comparison.results.front(), &other = comparison.results[contender];
  double logarithms = 0;
  for (std::size_t i = 0; i < other.layers.size(); ++i) {
    logarithms += std::log(figure(first, first.layers[i]) / figure(other, other.layers[i]));
  }
  return std::exp(logarithms / static_cast<double>(std::max<std::size_t>(1, other.layers.size())));
}

// The contender's layer of that name.
std::size_t layer_index(const Contender& contender, const std::string& name) {
  const auto& layers = contender.trace.layers;
  const auto found =
      std::find_if(layers.begin(), layers.end(), [&](const Layer& layer) { return layer.name == name; });
  return static_cast<std::size_t>(found - layers.begin());
}

// "basis" or "basis, bitmap": of the layers that ran.
std::string encodings(const Contender& contender, const Result& result) {
  std::string text;
  std::set<Encoding> seen;
  for (const LayerResult& layer : result.layers) {
    const Encoding encoding = contender.trace.layers[layer_index(contender, layer.name)].weights.encoding;
    if (seen.insert(encoding).second) text += (text.empty() ? "" : ",") + std::string(to_string(encoding));
  }
  return text;
}

double mean_output_error(const Contender& contender, const Result& result) {
  double sum = 0;
  for (const LayerResult& layer : result.layers)
    sum += contender.output_error[layer_index(contender, layer.name)];
  return sum / static_cast<double>(std::max<std::size_t>(1, result.layers.size()));
}

bool verified(const Result& result) {
  return std::all_of(result.layers.begin(), result.layers.end(),
                     [](const LayerResult& layer) { return layer.verified; });
}

inline constexpr std::array tags{Tag::measured, Tag::published, Tag::derived, Tag::estimated};

double tag_share(const Result& result, Tag tag) {
  Picojoules tagged;
  for (const LayerResult& layer : result.layers) tagged += layer.energy.of(tag);
  return tagged.value / result.energy().value;
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
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    const Contender& contender = comparison.contenders[i];
    const double time = total(result, seconds), energy = total(result, joules);
    const EnergyRange range = result.energy_range();
    const auto mark = [&](Spreading figure) { return overlaps_any(comparison, figure, i) ? "~" : ""; };
    table.add({contender.name, encodings(contender, result), std::to_string(result.pes),
               fmt::format("{:g}", result.clock_mhz), result.technology,
               fmt::format("{:.2f}", result.area_mm2), grouped(result.cycles().value), metric(time, "s"),
               metric(energy, "J"), mark(Spreading::energy), metric(range.low.value * 1e-12, "J"),
               metric(range.high.value * 1e-12, "J"), metric(time * energy, "Js"),
               mark(Spreading::energy_delay),
               fmt::format("{:.1f} %", 100 * mean_output_error(contender, result)),
               ratio_text(mean_speedup(comparison, i)), ratio_text(mean_energy_gain(comparison, i)),
               verified_text(result)});
  }
  return table.text();
}

// Of each accelerator's energy, what its figures rest on.
std::string tags_table(const Comparison& comparison) {
  std::vector<std::string> header{"% of energy"};
  for (const Tag tag : tags) header.emplace_back(to_string(tag));
  Table table(header);
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    std::vector<std::string> row{comparison.contenders[i].name};
    for (const Tag tag : tags)
      row.push_back(fmt::format("{:.1f}", 100 * tag_share(comparison.results[i], tag)));
    table.add(row);
  }
  return table.text();
}

// Layers down, accelerators across.
std::string layer_table(const Comparison& comparison, const std::string& title, const Figure& figure,
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
    mean.push_back(ratio_text(mean_ratio(comparison, i, figure)));
  }
  table.add(mean);
  return table.text();
}

Json range_json(const EnergyRange& range) { return {{"low", range.low.value}, {"high", range.high.value}}; }

Json layer_json(const Contender& contender, const Result& result, const LayerResult& layer) {
  const std::size_t index = layer_index(contender, layer.name);
  return {{"name", layer.name},
          {"encoding", to_string(contender.trace.layers[index].weights.encoding)},
          {"cycles", layer.cycles.value},
          {"seconds", seconds(result, layer)},
          {"energy_pj", layer.energy.total().value},
          {"energy_range_pj", range_json(layer.energy.range())},
          {"energy_delay_js", energy_delay(result, layer)},
          {"output_error", contender.output_error[index]},
          {"utilisation", layer.utilisation},
          {"sums_overflowed", layer.sums.overflowed},
          {"verified", layer.verified}};
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

double mean_speedup(const Comparison& comparison, std::size_t contender) {
  return mean_ratio(comparison, contender, seconds);
}

double mean_energy_gain(const Comparison& comparison, std::size_t contender) {
  return mean_ratio(comparison, contender, joules);
}

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
  Json json{{"schema", "basil-comparison/1"},
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
    Json entry{{"name", contender.name},
               {"derivation", contender.derivation},
               {"pes", result.pes},
               {"clock_mhz", result.clock_mhz},
               {"technology", result.technology},
               {"area_mm2", result.area_mm2},
               {"cycles", result.cycles().value},
               {"seconds", total(result, seconds)},
               {"energy_pj", result.energy().value},
               {"energy_range_pj", range_json(result.energy_range())},
               {"energy_overlaps", overlaps_any(comparison, Spreading::energy, i)},
               {"energy_delay_js", total(result, seconds) * total(result, joules)},
               {"energy_delay_overlaps", overlaps_any(comparison, Spreading::energy_delay, i)},
               {"sum_widths", {{"count", result.sums().count}, {"overflowed", result.sums().overflowed}}},
               {"mean_output_error", mean_output_error(contender, result)},
               {"geometric_mean_speedup", mean_speedup(comparison, i)},
               {"geometric_mean_energy_gain", mean_energy_gain(comparison, i)},
               {"verified", verified(result)}};
    for (const Tag tag : tags)
      entry["energy_share_by_tag"][std::string(to_string(tag))] = tag_share(result, tag);
    entry["layers"] = Json::array();
    for (const LayerResult& layer : result.layers)
      entry["layers"].push_back(layer_json(contender, result, layer));
    entry["memory"] = memory_json(result);
    entry["overrides"] = contender.overrides;
    entry["scaling"] = contender.scaling;
    entry["description"] = description_json(result);
    json["accelerators"].push_back(entry);
  }
  return json;
}

std::string to_csv(const Comparison& comparison) {
  std::string text =
      "trace,layer,accelerator,encoding,pes,area_mm2,cycles,seconds,energy_pj,energy_low_pj,energy_high_pj,"
      "energy_delay_js,output_error,verified\n";
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    for (const LayerResult& layer : result.layers) {
      const Json json = layer_json(comparison.contenders[i], result, layer);
      const EnergyRange range = layer.energy.range();
      text += fmt::format(
          "{},{},{},{},{},{:.6g},{},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.6g},{}\n",
          csv_cell(comparison.trace), csv_cell(layer.name), csv_cell(comparison.contenders[i].name),
          json["encoding"].get<std::string>(), result.pes, result.area_mm2, layer.cycles.value,
          seconds(result, layer), layer.energy.total().value, range.low.value, range.high.value,
          energy_delay(result, layer), json["output_error"].get<double>(), layer.verified ? "yes" : "no");
    }
  }
  return text;
}

}  // namespace basil
