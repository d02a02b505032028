// What the PEs did.
#include <algorithm>

#include "models/result/column_makers.h"

namespace basil {
namespace {

double busy_share(const Result& result) {
  double busy = 0;  // PE-cycles
  for (const LayerResult& layer : result.layers)
    busy += layer.utilisation * static_cast<double>(layer.cycles.value);
  const auto cycles = static_cast<double>(result.cycles().value);
  return cycles == 0 ? 0.0 : busy / cycles;
}

std::vector<MetricColumn> columns() {
  return {
      summed(in_layers(
          {"macs", "", "multiply-accumulates of the dense layer"},
          [](auto& layer) -> auto& { return layer.macs; })),
      summed(in_layers(
          {"gated_macs", "", "slots spent on a zero with the multiplier frozen"},
          [](auto& layer) -> auto& { return layer.gated; })),
      rounded(in_layers(
          {"active_pes", "", "PEs with work, mean over the passes' cycles"},
          [](auto& layer) -> auto& { return layer.active_pes; })),
      most(in_layers(
          {"mapped_pes", "", "PEs with work in the fullest pass"},
          [](auto& layer) -> auto& { return layer.mapped_pes; })),
      with_run(rounded(in_layers(
                   {"utilisation", "", "PE-cycles that multiply or are gated, of all"},
                   [](auto& layer) -> auto& { return layer.utilisation; })),
               busy_share),
      rounded(in_layers(
          {"ofmap_density", "", "non-zeros after ReLU and requantisation, of all outputs"},
          [](auto& layer) -> auto& { return layer.ofmap_density; })),
  };
}

}  // namespace

extern const ColumnGroup work_columns;
const ColumnGroup work_columns{.heading = "Work", .place = 20, .columns = columns};

}  // namespace basil
