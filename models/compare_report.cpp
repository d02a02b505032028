// A comparison for the console, for programs and for spreadsheets.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "models/compare.h"
#include "models/report.h"
#include "models/table.h"
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

std::string totals_table(const Comparison& comparison) {
  Table table({"accelerator", "weights", "PEs", "MHz", "node", "area mm2", "cycles", "time", "energy",
               "energy x delay", "output error", "speed-up", "energy gain", "verified"},
              2);
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    const Contender& contender = comparison.contenders[i];
    const double time = total(result, seconds), energy = total(result, joules);
    table.add({contender.name, encodings(contender, result), std::to_string(result.pes),
               fmt::format("{:g}", result.clock_mhz), result.technology,
               fmt::format("{:.2f}", result.area_mm2), grouped(result.cycles().value), metric(time, "s"),
               metric(energy, "J"), metric(time * energy, "Js"),
               fmt::format("{:.1f} %", 100 * mean_output_error(contender, result)),
               fmt::format("{:.2f}x", mean_speedup(comparison, i)),
               fmt::format("{:.2f}x", mean_energy_gain(comparison, i)), verified(result) ? "yes" : "NO"});
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
      row.push_back(fmt::format("{:.2f}x", base / figure(result, result.layers[layer])));
    }
    table.add(row);
  }
  table.rule();
  std::vector<std::string> mean{"geometric mean", ""};
  for (std::size_t i = 1; i < comparison.results.size(); ++i) {
    mean.push_back(fmt::format("{:.2f}x", mean_ratio(comparison, i, figure)));
  }
  table.add(mean);
  return table.text();
}

Json layer_json(const Contender& contender, const Result& result, const LayerResult& layer) {
  const std::size_t index = layer_index(contender, layer.name);
  return {{"name", layer.name},
          {"encoding", to_string(contender.trace.layers[index].weights.encoding)},
          {"cycles", layer.cycles.value},
          {"seconds", seconds(result, layer)},
          {"energy_pj", layer.energy.total().value},
          {"energy_delay_js", energy_delay(result, layer)},
          {"output_error", contender.output_error[index]},
          {"utilisation", layer.utilisation},
          {"verified", layer.verified}};
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
      comparison.trace, comparison.results.front().layers.size(),
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
  text += "\n" + totals_table(comparison);
  text += "\n" + layer_table(comparison, "time, and speed-up", seconds, "s");
  text += "\n" + layer_table(comparison, "energy, and gain", joules, "J");
  return text;
}

nlohmann::ordered_json to_json(const Comparison& comparison) {
  Json json{{"schema", "basil-comparison/1"},
            {"trace", comparison.trace},
            {"trace_fingerprint", comparison.trace_fingerprint},
            {"footing", footing_text(comparison.footing)}};
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
               {"energy_delay_js", total(result, seconds) * total(result, joules)},
               {"mean_output_error", mean_output_error(contender, result)},
               {"geometric_mean_speedup", mean_speedup(comparison, i)},
               {"geometric_mean_energy_gain", mean_energy_gain(comparison, i)},
               {"verified", verified(result)}};
    entry["layers"] = Json::array();
    for (const LayerResult& layer : result.layers)
      entry["layers"].push_back(layer_json(contender, result, layer));
    json["accelerators"].push_back(entry);
  }
  return json;
}

std::string to_csv(const Comparison& comparison) {
  std::string text =
      "trace,layer,accelerator,encoding,pes,area_mm2,cycles,seconds,energy_pj,energy_delay_js,output_error,"
      "verified\n";
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Result& result = comparison.results[i];
    for (const LayerResult& layer : result.layers) {
      const Json json = layer_json(comparison.contenders[i], result, layer);
      text += fmt::format(
          "{},{},{},{},{},{:.6g},{},{:.9g},{:.9g},{:.9g},{:.6g},{}\n", csv_cell(comparison.trace),
          csv_cell(layer.name), csv_cell(comparison.contenders[i].name), json["encoding"].get<std::string>(),
          result.pes, result.area_mm2, layer.cycles.value, seconds(result, layer), layer.energy.total().value,
          energy_delay(result, layer), json["output_error"].get<double>(), layer.verified ? "yes" : "no");
    }
  }
  return text;
}

}  // namespace basil
