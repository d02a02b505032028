// Two results of the same layers: which cycles and which picojoules moved, and what became critical.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/result/column.h"
#include "models/result/result.h"

namespace basil {

// The columns of layers that hold numbers.
[[nodiscard]] const std::vector<const MetricColumn*>& diff_columns();

// What a comparison looks at: of a layer, and of all layers that one machine ran.
struct LayerAccount {
  std::string name;
  std::vector<double> figures;  // as diff_columns(); NaN where it is not known
};

struct ResultAccount {
  std::string title;                                             // "trace on accelerator"
  std::string trace_fingerprint;                                 // empty where it is not known
  std::vector<std::pair<std::string, std::string>> description;  // of the machine, or what a study varied
  std::int64_t pes = 0;
  std::vector<LayerAccount> layers;
};

// `cell`: of each column, nothing where it is not known.
[[nodiscard]] LayerAccount account_of_layer(
    const std::string& name, const std::function<MetricCell(const MetricColumn& column)>& cell);
[[nodiscard]] ResultAccount account_of(const Result& result);

// A part of a layer's cycles or energy in both results: a bin (in cycles of the whole array: PE-cycles /
// PEs), or a component of the energy account (pJ).
struct Moved {
  std::string name;
  double before = 0, after = 0;

  [[nodiscard]] double change() const { return after - before; }
};

struct LayerDiff {
  std::string name;
  double cycles_before = 0, cycles_after = 0;
  double energy_before = 0, energy_after = 0;  // pJ
  std::vector<Moved> cycles;                   // that moved at all, the greatest change first
  std::vector<Moved> energy;
  std::vector<Moved> columns;  // all that moved, as diff_columns(): a figure that one side lacks is left out
  std::string critical_before,
      critical_after;  // the bin with most of the cycles, `compute` and `gated` as one
};

struct ResultDiff {
  std::string before, after;  // their titles
  LayerDiff all;
  std::vector<LayerDiff> layers;     // of both, the greatest change of cycles first
  std::vector<std::string> missing;  // layers of one result only
  struct Key {
    std::string name, before, after;  // "-": the machine has no such key
  };
  std::vector<Key> keys;       // of the descriptions, where they differ
  bool traces_differ = false;  // by their fingerprints, where both are known
};

// Error when no layer is in both, or one holds figures that cannot be: no PE, no cycles or energy, a negative
// or infinite one.
[[nodiscard]] ResultDiff diff(const ResultAccount& before, const ResultAccount& after);

[[nodiscard]] std::string to_text(const ResultDiff& diff);
[[nodiscard]] nlohmann::ordered_json to_json(const ResultDiff& diff);

// "FIGURE > LIMIT" or "FIGURE < LIMIT": FIGURE is cycles or energy of all layers, a bin or an energy
// component, or a column that all layers have a total of; LIMIT is a change, such as +2% (of the figure
// before) or -1000 (in cycles or pJ).
struct Limit {
  std::string figure;
  bool above = true;
  double change = 0;
  bool percent = false;
  std::string text;
};

// Error naming the part that is wrong.
[[nodiscard]] Limit parse_limit(const std::string& text);
// Whether the change is beyond the limit. Error for a figure that the results do not have.
[[nodiscard]] bool beyond(const ResultDiff& diff, const Limit& limit);

}  // namespace basil
