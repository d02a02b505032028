// The least that any schedule could need on the machine.
#include "models/result/column_makers.h"

namespace basil {
namespace {

MetricColumn bound_by_column() {
  MetricColumn column = of_layers(
      {"bound_by", "", "which of the two it is: compute or memory"},
      [](const Result&, const LayerResult& layer) { return layer.bound.by_memory ? "memory" : "compute"; });
  column.put_in_layer = [](LayerResult& layer, const MetricCell& cell) {
    if (known(cell)) layer.bound.by_memory = std::get<std::string>(cell) == "memory";
  };
  return column;
}

std::vector<MetricColumn> columns() {
  return {
      summed(in_layers(
          {"bound_effectual_macs", "",
           "products of two non-zeros; of basis and comparator layers the unit's own"},
          [](auto& layer) -> auto& { return layer.bound.effectual_macs; })),
      summed(in_layers(
          {"bound_bytes", "B", "operands and ofmap, each once, as encoded in DRAM"},
          [](auto& layer) -> auto& { return layer.bound.bytes; })),
      summed(in_layers(
          {"bound_cycles", "cycles", "the greater of effectual MACs / PEs and bytes / DRAM bandwidth"},
          [](auto& layer) -> auto& { return layer.bound.cycles; })),
      bound_by_column(),
  };
}

}  // namespace

extern const ColumnGroup bound_columns;
const ColumnGroup bound_columns{.heading = "Bound", .place = 70, .columns = columns};

}  // namespace basil
