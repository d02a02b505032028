#include "models/compare/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/error.h"
#include "core/names.h"
#include "core/table.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

// A figure of one result: bins in cycles of the whole array.
std::vector<Moved> bins_of(const CycleAccount& before, std::int64_t pes_before, const CycleAccount& after,
                           std::int64_t pes_after) {
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    moved.push_back({std::string(to_string(bin)),
                     static_cast<double>(before[bin]) / static_cast<double>(pes_before),
                     static_cast<double>(after[bin]) / static_cast<double>(pes_after)});
  }
  return moved;
}

std::vector<Moved> components_of(const LayerAccount& before, const LayerAccount& after) {
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < energy_components.size(); ++i) {
    moved.push_back(
        {std::string(energy_components[i]), before.components[i].value, after.components[i].value});
  }
  return moved;
}

// The greatest change first; what did not move is left out.
std::vector<Moved> by_contribution(std::vector<Moved> moved) {
  std::erase_if(moved, [](const Moved& part) { return part.before == part.after; });
  std::stable_sort(moved.begin(), moved.end(), [](const Moved& a, const Moved& b) {
    return std::abs(a.change()) > std::abs(b.change());
  });
  return moved;
}

std::string critical(const CycleAccount& bins) {
  const std::int64_t working = bins[Bin::compute] + bins[Bin::gated];
  std::string name = "compute";
  std::int64_t most = working;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    if (bin == Bin::compute || bin == Bin::gated || bins[bin] <= most) continue;
    most = bins[bin];
    name = to_string(bin);
  }
  return name;
}

LayerDiff compared(const LayerAccount& before, std::int64_t pes_before, const LayerAccount& after,
                   std::int64_t pes_after) {
  return {.name = before.name,
          .cycles_before = static_cast<double>(before.cycles.value),
          .cycles_after = static_cast<double>(after.cycles.value),
          .energy_before = before.energy.value,
          .energy_after = after.energy.value,
          .cycles = by_contribution(bins_of(before.bins, pes_before, after.bins, pes_after)),
          .energy = by_contribution(components_of(before, after)),
          .critical_before = critical(before.bins),
          .critical_after = critical(after.bins)};
}

const LayerAccount* layer_of(const ResultAccount& result, const std::string& name) {
  const auto found = std::find_if(result.layers.begin(), result.layers.end(),
                                  [&](const LayerAccount& layer) { return layer.name == name; });
  return found == result.layers.end() ? nullptr : &*found;
}

std::string change_text(double before, double after) {
  if (before == after) return "=";
  if (before == 0) return "new";
  return fmt::format("{:+.1f} %", 100 * (after - before) / before);
}

// "dram -1 234, compute +56": the three greatest.
std::string causes(const std::vector<Moved>& moved, bool picojoules) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, moved.size()); ++i) {
    const double change = moved[i].change();
    const std::string amount =
        picojoules ? metric(std::abs(change) * 1e-12, "J") : grouped(std::llround(std::abs(change)));
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", moved[i].name, change < 0 ? "-" : "+", amount);
  }
  return text;
}

Json json_of(const std::vector<Moved>& moved) {
  Json json = Json::array();
  for (const Moved& part : moved) {
    json.push_back(
        {{"name", part.name}, {"before", part.before}, {"after", part.after}, {"change", part.change()}});
  }
  return json;
}

Json json_of(const LayerDiff& layer) {
  return {{"name", layer.name},
          {"cycles", {{"before", layer.cycles_before}, {"after", layer.cycles_after}}},
          {"energy_pj", {{"before", layer.energy_before}, {"after", layer.energy_after}}},
          {"critical", {{"before", layer.critical_before}, {"after", layer.critical_after}}},
          {"cycles_moved", json_of(layer.cycles)},
          {"energy_moved_pj", json_of(layer.energy)}};
}

void add_row(Table& table, const LayerDiff& layer) {
  table.add({layer.name, grouped(std::llround(layer.cycles_before)),
             grouped(std::llround(layer.cycles_after)), change_text(layer.cycles_before, layer.cycles_after),
             metric(layer.energy_before * 1e-12, "J"), metric(layer.energy_after * 1e-12, "J"),
             change_text(layer.energy_before, layer.energy_after),
             layer.critical_before == layer.critical_after
                 ? layer.critical_after
                 : layer.critical_before + " -> " + layer.critical_after});
}

// The figure of that name in all layers: before and after.
Moved figure_of(const ResultDiff& diff, const std::string& name) {
  if (name == "cycles") return {name, diff.all.cycles_before, diff.all.cycles_after};
  if (name == "energy") return {name, diff.all.energy_before, diff.all.energy_after};
  for (const auto* parts : {&diff.all.cycles, &diff.all.energy}) {
    for (const Moved& part : *parts) {
      if (part.name == name) return part;
    }
  }
  return {name, 0, 0};  // it did not move
}

std::vector<std::string> figures() {
  std::vector<std::string> names{"cycles", "energy"};
  for (std::size_t i = 0; i < bin_count; ++i) names.emplace_back(to_string(static_cast<Bin>(i)));
  names.insert(names.end(), energy_components.begin(), energy_components.end());
  return names;
}

}  // namespace

LayerAccount& LayerAccount::operator+=(const LayerAccount& other) {
  cycles += other.cycles;
  bins += other.bins;
  energy += other.energy;
  for (std::size_t i = 0; i < components.size(); ++i) components[i] += other.components[i];
  return *this;
}

ResultAccount account_of(const Result& result) {
  ResultAccount account{.title = result.trace + " on " + result.accelerator,
                        .trace_fingerprint = result.trace_fingerprint,
                        .description = result.description,
                        .pes = result.pes,
                        .layers = {}};
  for (const LayerResult& layer : result.layers) {
    LayerAccount& own = account.layers.emplace_back();
    own.name = layer.name;
    own.cycles = layer.cycles;
    own.bins = layer.bins;
    own.energy = layer.energy.total();
    for (std::size_t i = 0; i < energy_components.size(); ++i)
      own.components[i] = layer.energy.of(energy_components[i]);
  }
  return account;
}

namespace {

// A limit held against figures that cannot be would say nothing.
void check_figures(const ResultAccount& result) {
  const auto refuse = [&](const std::string& what) {
    throw Error("basil diff: " + result.title, what,
                "figures of a machine of 1 or more PEs, finite and not negative");
  };
  if (result.pes < 1) refuse(fmt::format("{} PEs", result.pes));
  for (const LayerAccount& layer : result.layers) {
    if (layer.cycles.value < 0) refuse(fmt::format("layer {} of {} cycles", layer.name, layer.cycles.value));
    std::vector<Picojoules> energies(layer.components.begin(), layer.components.end());
    energies.push_back(layer.energy);
    for (const Picojoules energy : energies) {
      if (!(energy.value >= 0) || !std::isfinite(energy.value))
        refuse(fmt::format("layer {} of {} pJ", layer.name, energy.value));
    }
    for (std::size_t bin = 0; bin < bin_count; ++bin) {
      if (layer.bins[static_cast<Bin>(bin)] < 0)
        refuse(fmt::format("layer {} with a bin below 0", layer.name));
    }
  }
}

using Keys = std::vector<std::pair<std::string, std::string>>;

std::string value_in(const Keys& keys, const std::string& name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.first == name; });
  return found == keys.end() ? "-" : found->second;
}

std::vector<ResultDiff::Key> keys_that_differ(const Keys& before, const Keys& after) {
  std::vector<ResultDiff::Key> keys;
  if (before.empty() || after.empty()) return keys;  // an older file does not tell
  for (const auto& [name, value] : before) {
    if (const std::string other = value_in(after, name); other != value) keys.push_back({name, value, other});
  }
  for (const auto& [name, value] : after) {
    if (value_in(before, name) == "-") keys.push_back({name, "-", value});
  }
  return keys;
}

}  // namespace

ResultDiff diff(const ResultAccount& before, const ResultAccount& after) {
  check_figures(before);
  check_figures(after);
  ResultDiff result;
  result.keys = keys_that_differ(before.description, after.description);
  result.traces_differ = !before.trace_fingerprint.empty() && !after.trace_fingerprint.empty() &&
                         before.trace_fingerprint != after.trace_fingerprint;
  result.before = before.title;
  result.after = after.title;
  LayerAccount all_before, all_after;
  all_before.name = "all";
  for (const LayerAccount& layer : before.layers) {
    const LayerAccount* other = layer_of(after, layer.name);
    if (other == nullptr) {
      result.missing.push_back(layer.name);
      continue;
    }
    result.layers.push_back(compared(layer, before.pes, *other, after.pes));
    all_before += layer;
    all_after += *other;
  }
  for (const LayerAccount& layer : after.layers) {
    if (layer_of(before, layer.name) == nullptr) result.missing.push_back(layer.name);
  }
  if (result.layers.empty())
    throw Error("basil diff", "no layer in both results", "results of the same network");
  result.all = compared(all_before, before.pes, all_after, after.pes);
  std::stable_sort(result.layers.begin(), result.layers.end(), [](const LayerDiff& a, const LayerDiff& b) {
    return std::abs(a.cycles_after - a.cycles_before) > std::abs(b.cycles_after - b.cycles_before);
  });
  return result;
}

std::string to_text(const ResultDiff& diff) {
  std::string text = "before  " + printable(diff.before) + "\nafter   " + printable(diff.after) + "\n";
  for (const ResultDiff::Key& key : diff.keys)
    text += fmt::format("        {}: {} -> {}\n", printable(key.name), printable(key.before),
                        printable(key.after));
  if (diff.traces_differ) text += "warning: the traces differ: what moved may be their values' doing\n";
  if (!diff.missing.empty()) {
    text += "in one of them only, left out:";
    for (const std::string& name : diff.missing) text += " " + printable(name);
    text += "\n";
  }
  Table table({"layer", "cycles", "after", "", "energy", "after", "", "most of the cycles"});
  for (const LayerDiff& layer : diff.layers) add_row(table, layer);
  table.rule();
  add_row(table, diff.all);
  text += "\n" + table.text();

  Table moved({"what moved", "cycles, by bin", "energy, by component"}, 3);
  for (const LayerDiff& layer : diff.layers) {
    if (layer.cycles.empty() && layer.energy.empty()) continue;
    moved.add({layer.name, causes(layer.cycles, false), causes(layer.energy, true)});
  }
  moved.rule();
  moved.add({"all", causes(diff.all.cycles, false), causes(diff.all.energy, true)});
  return text + "\n" + moved.text() + "  bins in cycles of the whole array: PE-cycles / PEs\n";
}

nlohmann::ordered_json to_json(const ResultDiff& diff) {
  Json json{
      {"schema", "basil-diff/1"}, {"before", diff.before}, {"after", diff.after}, {"missing", diff.missing}};
  json["description"] = Json::array();
  for (const ResultDiff::Key& key : diff.keys)
    json["description"].push_back({{"key", key.name}, {"before", key.before}, {"after", key.after}});
  json["traces_differ"] = diff.traces_differ;
  json["all"] = json_of(diff.all);
  json["layers"] = Json::array();
  for (const LayerDiff& layer : diff.layers) json["layers"].push_back(json_of(layer));
  return json;
}

Limit parse_limit(const std::string& text) {
  const std::string where = field_name("limit") + " '" + text + "'",
                    usage = "such as 'cycles > +2%' or 'dram < -1000'";
  std::istringstream words(text);
  std::string figure, sign, change, rest;
  if (!(words >> figure >> sign >> change) || words >> rest) throw Error(where, "not three words", usage);
  const std::vector<std::string> known = figures();
  if (std::find(known.begin(), known.end(), figure) == known.end())
    throw Error(where, "'" + figure + "'", one_of(known, figure));
  if (sign != ">" && sign != "<") throw Error(where, "'" + sign + "'", "> or <");
  Limit limit{
      .figure = figure, .above = sign == ">", .change = 0, .percent = change.back() == '%', .text = text};
  std::istringstream number(limit.percent ? change.substr(0, change.size() - 1) : change);
  number.imbue(std::locale::classic());
  char spare = 0;
  if (!(number >> limit.change) || number >> spare || !std::isfinite(limit.change))
    throw Error(where, "'" + change + "'", usage);
  return limit;
}

bool beyond(const ResultDiff& diff, const Limit& limit) {
  const Moved figure = figure_of(diff, limit.figure);
  double change = figure.change();
  if (limit.percent) {
    // From nothing to something is beyond any percentage.
    change = figure.before == 0 ? std::copysign(figure.after == 0 ? 0.0 : INFINITY, figure.after)
                                : 100 * change / figure.before;
  }
  return limit.above ? change > limit.change : change < limit.change;
}

}  // namespace basil
