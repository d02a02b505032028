// What a pass on a row-stationary or systolic array comes to, by the fast forms: data aside but for its
// zeros.
#pragma once

#include "dataflows/row_stationary/row_timing.h"
#include "models/description/description.h"
#include "models/result/accounts.h"
#include "pe/activity.h"
#include "pe/pass.h"
#include "pe/unit.h"

namespace basil {

struct PassWork {
  Cycles cycles;
  CycleAccount bins;  // of the mapped PEs
  Activity activity;  // but for `waiting`
};

// Of row stationary while its buses find all words ready.
[[nodiscard]] PassWork row_work(const RowPassTiming& timing, const Products& products);

// Of a systolic fold, once its weights are in the grid: their way there is the delivery's. `last`: nothing
// follows under which the grid could empty.
[[nodiscard]] PassWork fold_work(const Description& machine, const GemmPass& pass, const Products& products,
                                 bool last);

}  // namespace basil
