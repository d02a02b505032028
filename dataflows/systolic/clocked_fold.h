// A systolic fold at cycle fidelity.
#pragma once

#include <memory>
#include <vector>

#include "core/clocked.h"
#include "dataflows/clocked_pass.h"
#include "pe/activity.h"
#include "pe/pass.h"
#include "traces/trace.h"

namespace basil {

// The grid that a fold is clocked on.
struct GridWiring {
  int rows = 32, cols = 32;
  bool zero_gating = false;
  SystolicRegisters registers;  // whether sums stay in it, whether weights have registers to shift in through
};

// `sums`: as they are before the pass. `last`: nothing follows under which the grid could empty.
[[nodiscard]] std::unique_ptr<ClockedPass> clocked_fold(const Layer& layer, const GridWiring& grid,
                                                        const GemmPass& pass, bool last, const Ofmap& sums);

[[nodiscard]] std::vector<ClockedSignal> clocked_fold_signals();

}  // namespace basil
