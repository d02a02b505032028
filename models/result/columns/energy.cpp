// Where every picojoule went, and how well that is known. Read back from the account's lines.
#include "models/result/column_makers.h"
#include "models/result/parts.h"

namespace basil {
namespace {

double joules(Picojoules energy) { return energy.value * 1e-12; }

const char* meaning_of(std::string_view component) {
  if (component == "mac") return "of multipliers, adders and shifters";
  if (component == "index") return "of logic that finds what to multiply";
  if (component == "spad") return "of the PEs' stores";
  if (component == "buffer") return "of the buffers";
  if (component == "noc") return "of the network on chip";
  if (component == "dram") return "of DRAM and its pins";
  return "that leaks, used or not";
}

const char* meaning_of(Tag tag) {
  switch (tag) {
    case Tag::measured:
      return "by figures measured here";
    case Tag::published:
      return "by published figures";
    case Tag::derived:
      return "by figures derived from published ones";
    case Tag::estimated:
      break;
  }
  return "by estimated figures";
}

void add_totals(std::vector<MetricColumn>& columns) {
  columns.push_back(
      summed(of_layers({"energy_pj", "pJ", "of everything, leakage and DRAM included"},
                       [](const Result&, const LayerResult& layer) { return layer.energy.total(); })));
  columns.push_back(summed(
      of_layers({"energy_low_pj", "pJ", "every figure of the technology table at the low end of its bracket"},
                [](const Result&, const LayerResult& layer) { return layer.energy.range().low; })));
  columns.push_back(
      summed(of_layers({"energy_high_pj", "pJ", "every figure at the high end"},
                       [](const Result&, const LayerResult& layer) { return layer.energy.range().high; })));
  columns.push_back(with_run(
      of_layers({"energy_delay_js", "Js", "energy times time"},
                [](const Result& result, const LayerResult& layer) {
                  return joules(layer.energy.total()) * result.seconds(layer.cycles);
                }),
      [](const Result& result) { return joules(result.energy()) * result.seconds(result.cycles()); }));
}

std::vector<MetricColumn> columns() {
  std::vector<MetricColumn> columns;
  add_totals(columns);
  for (const std::string_view component : energy_components) {
    columns.push_back(summed(of_layers(
        {component_column(component), "pJ", std::string("energy ") + meaning_of(component)},
        [component](const Result&, const LayerResult& layer) { return layer.energy.of(component); })));
  }
  for (const Tag tag : energy_tags) {
    columns.push_back(
        summed(of_layers({tagged_column(tag), "pJ", std::string("energy ") + meaning_of(tag)},
                         [tag](const Result&, const LayerResult& layer) { return layer.energy.of(tag); })));
  }
  for (const Tag tag : energy_tags) {
    columns.push_back(rounded(
        of_runs({std::string(to_string(tag)) + "_share", "", std::string("of the energy ") + meaning_of(tag)},
                [tag](const Result& result) {
                  Picojoules tagged;
                  for (const LayerResult& layer : result.layers) tagged += layer.energy.of(tag);
                  return tagged.value / result.energy().value;
                })));
  }
  return columns;
}

}  // namespace

extern const ColumnGroup energy_columns;
const ColumnGroup energy_columns{.heading = "Energy", .place = 40, .columns = columns};

}  // namespace basil
