#include "models/compare/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/error.h"
#include "core/names.h"
#include "core/table.h"
#include "models/result/parts.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

std::size_t place_of(const std::string& name) {
  const auto& columns = diff_columns();
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const MetricColumn* column) { return column->name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

// Places among diff_columns().
struct Places {
  std::size_t cycles = place_of("cycles"), energy = place_of("energy_pj");
  std::vector<std::size_t> bins, components;

  Places() {
    for (std::size_t i = 0; i < bin_count; ++i) bins.push_back(place_of(bin_column(static_cast<Bin>(i))));
    for (const std::string_view component : energy_components)
      components.push_back(place_of(component_column(component)));
  }
};

const Places& places() {
  static const Places known;
  return known;
}

// A figure of one result: bins in cycles of the whole array.
std::vector<Moved> bins_of(const LayerAccount& before, std::int64_t pes_before, const LayerAccount& after,
                           std::int64_t pes_after) {
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const std::size_t place = places().bins[i];
    moved.push_back({std::string(to_string(static_cast<Bin>(i))),
                     before.figures[place] / static_cast<double>(pes_before),
                     after.figures[place] / static_cast<double>(pes_after)});
  }
  return moved;
}

std::vector<Moved> components_of(const LayerAccount& before, const LayerAccount& after) {
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < energy_components.size(); ++i) {
    const std::size_t place = places().components[i];
    moved.push_back({std::string(energy_components[i]), before.figures[place], after.figures[place]});
  }
  return moved;
}

// Those that both have and that differ.
std::vector<Moved> columns_of(const LayerAccount& before, const LayerAccount& after) {
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < diff_columns().size(); ++i) {
    const double was = before.figures[i], is = after.figures[i];
    if (was < is || was > is) moved.push_back({diff_columns()[i]->name, was, is});
  }
  return moved;
}

// The greatest change first; what did not move is left out, and what one of them does not say.
std::vector<Moved> by_contribution(std::vector<Moved> moved) {
  std::erase_if(moved,
                [](const Moved& part) { return !(part.before < part.after || part.before > part.after); });
  std::stable_sort(moved.begin(), moved.end(), [](const Moved& a, const Moved& b) {
    return std::abs(a.change()) > std::abs(b.change());
  });
  return moved;
}

std::string critical(const LayerAccount& layer) {
  const auto bin_of = [&](Bin bin) { return layer.figures[places().bins[static_cast<std::size_t>(bin)]]; };
  std::string name = "compute";
  double most = bin_of(Bin::compute) + bin_of(Bin::gated);
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    if (bin == Bin::compute || bin == Bin::gated || !(bin_of(bin) > most)) continue;
    most = bin_of(bin);
    name = to_string(bin);
  }
  return name;
}

LayerDiff compared(const LayerAccount& before, std::int64_t pes_before, const LayerAccount& after,
                   std::int64_t pes_after) {
  return {.name = before.name,
          .cycles_before = before.figures[places().cycles],
          .cycles_after = after.figures[places().cycles],
          .energy_before = before.figures[places().energy],
          .energy_after = after.figures[places().energy],
          .cycles = by_contribution(bins_of(before, pes_before, after, pes_after)),
          .energy = by_contribution(components_of(before, after)),
          .columns = columns_of(before, after),
          .critical_before = critical(before),
          .critical_after = critical(after)};
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
  return {{"layer", layer.name},
          {"cycles", {{"before", layer.cycles_before}, {"after", layer.cycles_after}}},
          {"energy_pj", {{"before", layer.energy_before}, {"after", layer.energy_after}}},
          {"critical", {{"before", layer.critical_before}, {"after", layer.critical_after}}},
          {"cycles_moved", json_of(layer.cycles)},
          {"energy_moved_pj", json_of(layer.energy)},
          {"columns_moved", json_of(layer.columns)}};
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
  for (const auto* parts : {&diff.all.cycles, &diff.all.energy, &diff.all.columns}) {
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
  for (const MetricColumn* column : diff_columns()) {
    if (column->total != Total::none && column->name != "cycles") names.push_back(column->name);
  }
  return names;
}

}  // namespace

const std::vector<const MetricColumn*>& diff_columns() {
  static const std::vector<const MetricColumn*> numbers = [] {
    std::vector<const MetricColumn*> columns;
    for (const MetricColumn* column : layer_columns()) {
      if (column->kind != MetricKind::text && column->name != "layer_index") columns.push_back(column);
    }
    return columns;
  }();
  return numbers;
}

LayerAccount account_of_layer(const std::string& name,
                              const std::function<MetricCell(const MetricColumn& column)>& cell) {
  LayerAccount account{.name = name, .figures = {}};
  for (const MetricColumn* column : diff_columns()) account.figures.push_back(number_in(cell(*column)));
  return account;
}

ResultAccount account_of(const Result& result) {
  ResultAccount account{.title = result.trace + " on " + result.accelerator,
                        .trace_fingerprint = result.trace_fingerprint,
                        .description = result.description,
                        .pes = result.pes,
                        .layers = {}};
  for (const LayerResult& layer : result.layers) {
    account.layers.push_back(account_of_layer(
        layer.name, [&](const MetricColumn& column) { return column.of_layer(result, layer); }));
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
    for (std::size_t i = 0; i < diff_columns().size(); ++i) {
      const MetricColumn& column = *diff_columns()[i];
      const double figure = layer.figures[i];
      const bool needed = i == places().cycles || i == places().energy;
      if (std::isnan(figure) ? needed : std::isinf(figure) || (figure < 0 && !column.below_zero))
        refuse(fmt::format("layer {}: {} {}", layer.name, column.name,
                           std::isnan(figure) ? "missing" : fmt::format("{:g}", figure)));
    }
  }
}

// Of layers' figures, as the column's total says; NaN where none is known.
double total(Total how, const std::vector<const LayerAccount*>& layers, std::size_t place) {
  double all = NAN;
  if (how == Total::none) return all;
  for (const LayerAccount* layer : layers) {
    const double figure = layer->figures[place];
    if (std::isnan(figure)) continue;
    all = std::isnan(all) ? figure : how == Total::sum ? all + figure : std::max(all, figure);
  }
  return all;
}

LayerAccount all_of(const std::vector<const LayerAccount*>& layers) {
  LayerAccount all{.name = "all", .figures = {}};
  for (std::size_t i = 0; i < diff_columns().size(); ++i)
    all.figures.push_back(total(diff_columns()[i]->total, layers, i));
  return all;
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
  std::vector<const LayerAccount*> all_before, all_after;
  for (const LayerAccount& layer : before.layers) {
    const LayerAccount* other = layer_of(after, layer.name);
    if (other == nullptr) {
      result.missing.push_back(layer.name);
      continue;
    }
    result.layers.push_back(compared(layer, before.pes, *other, after.pes));
    all_before.push_back(&layer);
    all_after.push_back(other);
  }
  for (const LayerAccount& layer : after.layers) {
    if (layer_of(before, layer.name) == nullptr) result.missing.push_back(layer.name);
  }
  if (result.layers.empty())
    throw Error("basil diff", "no layer in both results", "results of the same network");
  result.all = compared(all_of(all_before), before.pes, all_of(all_after), after.pes);
  std::stable_sort(result.layers.begin(), result.layers.end(), [](const LayerDiff& a, const LayerDiff& b) {
    return std::abs(a.cycles_after - a.cycles_before) > std::abs(b.cycles_after - b.cycles_before);
  });
  return result;
}

namespace {

std::string amount(double figure, const MetricColumn& column) {
  if (column.kind == MetricKind::count) return grouped(std::llround(figure));
  return fmt::format("{:.{}g}", figure, 6);
}

// Of all layers, what moved beside cycles, energy and their parts.
std::string columns_text(const ResultDiff& diff) {
  Table table({"all layers", "", "before", "after", "change"}, 2);
  bool any = false;
  for (const Moved& moved : diff.all.columns) {
    const std::size_t place = place_of(moved.name);
    const auto is_part = [&](const std::vector<std::size_t>& parts) {
      return std::find(parts.begin(), parts.end(), place) != parts.end();
    };
    if (place == places().cycles || place == places().energy || is_part(places().bins) ||
        is_part(places().components))
      continue;
    const MetricColumn& column = *diff_columns()[place];
    table.add({column.name, column.unit, amount(moved.before, column), amount(moved.after, column),
               change_text(moved.before, moved.after)});
    any = true;
  }
  return any ? "\n" + table.text() : "";
}

}  // namespace

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
  Table table({"layer", "cycles", "after", "change", "energy", "after", "change", "most of the cycles"});
  table.keep({"cycles", "energy", "change", "after"});
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
  return text + "\n" + moved.text() + "  bins in cycles of the whole array: PE-cycles / PEs\n" +
         columns_text(diff);
}

nlohmann::ordered_json to_json(const ResultDiff& diff) {
  Json json{
      {"schema", "basil-diff/2"}, {"before", diff.before}, {"after", diff.after}, {"missing", diff.missing}};
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
  if (std::find(known.begin(), known.end(), figure) == known.end()) {
    const std::string near = nearest(figure, known);
    throw Error(
        where, "'" + figure + "'",
        "cycles, energy, a bin, an energy component, or a column of 'basil list columns' that adds up" +
            (near.empty() ? "" : " (did you mean " + near + "?)"));
  }
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
