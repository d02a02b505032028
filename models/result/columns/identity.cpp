// Which run and which layer the figures are of.
#include <algorithm>

#include "models/result/column_makers.h"
#include "traces/shape.h"

namespace basil {
namespace {

// Of a result's own layer.
std::int64_t index_of(const Result& result, const LayerResult& layer) {
  return &layer - result.layers.data();
}

MetricColumn kind_column() {
  MetricColumn column =
      of_layers({"kind", "", "conv, depthwise or fc"},
                [](const Result&, const LayerResult& layer) { return to_string(layer.kind); });
  column.put_in_layer = [](LayerResult& layer, const MetricCell& cell) {
    if (known(cell)) layer.kind = parse_kind(std::get<std::string>(cell), "layer " + layer.name + ": kind");
  };
  return column;
}

MetricColumn fidelity_column() {
  MetricColumn column = of_runs({"fidelity", "", "transaction or cycle"},
                                [](const Result& result) { return to_string(result.fidelity); });
  column.put_in_run = [](Result& result, const MetricCell& cell) {
    if (known(cell)) result.fidelity = parse_fidelity(std::get<std::string>(cell));
  };
  return heading_rows(std::move(column));
}

std::vector<MetricColumn> columns() {
  return {
      heading_rows(in_runs(
          {"trace", "", "the network's name"}, [](auto& result) -> auto& { return result.trace; })),
      heading_rows(in_runs(
          {"accelerator", "", "its name; in a comparison or a study as it was asked for"},
          [](auto& result) -> auto& { return result.accelerator; })),
      fidelity_column(),
      heading_rows(in_runs(
          {"technology", "", "the table of energies and areas"},
          [](auto& result) -> auto& { return result.technology; })),
      heading_rows(in_runs(
          {"clock_mhz", "MHz", "clock of the array"},
          [](auto& result) -> auto& { return result.clock_mhz; })),
      heading_rows(in_runs(
          {"pes", "", "PEs of all tiles"}, [](auto& result) -> auto& { return result.pes; })),
      heading_rows(rounded(in_runs(
          {"area_mm2", "mm2", "of the chip: array, buffers and network"},
          [](auto& result) -> auto& { return result.area_mm2; }))),
      of_layers({"layer_index", "", "its place among those that ran, from 0"}, index_of),
      in_layers(
          {"layer", "", "the layer's name"}, [](auto& layer) -> auto& { return layer.name; }),
      kind_column(),
      in_layers(
          {"encoding", "", "of its weights"}, [](auto& layer) -> auto& { return layer.encoding; }),
      in_layers(
          {"mapping", "", "what the dataflow chose"}, [](auto& layer) -> auto& { return layer.mapping; }),
  };
}

}  // namespace

extern const ColumnGroup identity_columns;
const ColumnGroup identity_columns{.heading = "Which run, which layer", .place = 0, .columns = columns};

}  // namespace basil
