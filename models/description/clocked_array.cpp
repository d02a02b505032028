#include "models/description/clocked_array.h"

#include "dataflows/row_stationary/clocked_rows.h"
#include "dataflows/systolic/clocked_fold.h"
#include "dataflows/tiles/clocked_tile.h"

namespace basil {

std::unique_ptr<ClockedPass> clocked_pass(const Layer& layer, const Description& machine, const Step& step,
                                          bool last, const Ofmap& sums, const RowAhead& ahead) {
  if (const auto* tile = std::get_if<TilePass>(&step.pass))
    return clocked_tile(layer, *machine.unit, machine.unit_parameters, *tile);
  if (const auto* rows = std::get_if<RowPass>(&step.pass))
    return clocked_rows(layer, machine.row_array(), filter_slots(layer, machine), *rows, sums, ahead);
  const GridWiring grid{.rows = machine.rows,
                        .cols = machine.cols,
                        .zero_gating = machine.unit_parameters.zero_gating,
                        .registers = machine.systolic_registers()};
  return clocked_fold(layer, grid, std::get<GemmPass>(step.pass), last, sums);
}

std::vector<ClockedSignal> clocked_signals(const Description& machine) {
  switch (machine.dataflow) {
    case Dataflow::tiles:
      return clocked_tile_signals(*machine.unit, machine.unit_parameters);
    case Dataflow::row_stationary:
      return clocked_row_signals();
    case Dataflow::weight_stationary:
    case Dataflow::output_stationary:
      break;
  }
  return clocked_fold_signals();
}

}  // namespace basil
