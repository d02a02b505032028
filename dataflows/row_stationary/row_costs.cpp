#include "dataflows/row_stationary/row_costs.h"

namespace basil {

double score(const RowCost& cost, RowObjective objective) {
  const auto cycles = static_cast<double>(cost.cycles.value);
  switch (objective) {
    case RowObjective::cycles:
      return cycles;
    case RowObjective::energy:
      return cost.energy_pj;
    case RowObjective::edp:
      break;
  }
  return cycles * cost.energy_pj;
}

}  // namespace basil
