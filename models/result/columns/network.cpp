// Packets of a network of routers, and streams that waited for a buffer's banks.
#include <optional>

#include "models/result/column_makers.h"
#include "models/result/parts.h"

namespace basil {
namespace {

// Nothing where no packet went.
template <class Field>
MetricColumn of_routers(ColumnName of, RoutedTraffic LayerResult::*network, Field field) {
  using Value = std::remove_cvref_t<std::invoke_result_t<Field, RoutedTraffic&>>;
  MetricColumn column = of_layers(std::move(of), [=](const Result&, const LayerResult& layer) {
    return (layer.*network).packets > 0 ? std::optional<Value>(field(layer.*network)) : std::nullopt;
  });
  column.put_in_layer = [=](LayerResult& layer, const MetricCell& cell) { put(cell, field(layer.*network)); };
  return column;
}

void add_network(std::vector<MetricColumn>& columns, const std::string& name, const std::string& between,
                 RoutedTraffic LayerResult::*network) {
  columns.push_back(summed(of_routers(
      {name + "_packets", "", "packets " + between}, network,
      [](auto& traffic) -> auto& { return traffic.packets; })));
  columns.push_back(summed(of_routers(
      {name + "_crossings", "", "flits through routers " + between + ", each copy of a multicast"}, network,
      [](auto& traffic) -> auto& { return traffic.crossings; })));
  columns.push_back(of_routers(
      {name + "_busiest_link_cycles", "cycles", "the link that carried most " + between + " was taken"},
      network, [](auto& traffic) -> auto& { return traffic.busiest; }));
}

void add_conflicts(std::vector<MetricColumn>& columns, const std::string& buffer,
                   ConflictCycles BankConflicts::*cycles) {
  for (std::size_t kind = 0; kind < stream_kinds; ++kind) {
    const std::string stream(to_string(static_cast<StreamKind>(kind)));
    columns.push_back(summed(in_layers(
        {"conflict_" + buffer + "_" + column_word(stream) + "_cycles", "cycles",
         "in which a stream of " + stream + " waited for a bank of the " + buffer + " buffer"},
        [=](auto& layer) -> auto& { return (layer.bank_conflicts.*cycles)[kind]; })));
  }
}

std::vector<MetricColumn> columns() {
  std::vector<MetricColumn> columns;
  add_network(columns, "array_noc", "between buffers and PEs of the busiest tile", &LayerResult::array_noc);
  add_network(columns, "chip_noc", "between DRAM and tiles", &LayerResult::chip_noc);
  add_conflicts(columns, "fmaps", &BankConflicts::fmaps);
  add_conflicts(columns, "filters", &BankConflicts::filters);
  add_conflicts(columns, "accumulators", &BankConflicts::accumulators);
  return columns;
}

}  // namespace

extern const ColumnGroup network_columns;
const ColumnGroup network_columns{.heading = "Routers and banks", .place = 60, .columns = columns};

}  // namespace basil
