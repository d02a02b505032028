// What a fast form counted of a pass, held against what its clocked array did, figure by figure. Values alone
// would not show a miscount: they come from another loop than cycles and uses do.
#pragma once

#include <string>
#include <vector>

#include "core/cycle_account.h"
#include "core/units.h"
#include "dataflows/schedule.h"
#include "pe/activity.h"
#include "pe/tile.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// Each throws Failure "WHERE: COUNTER is FOUND, the clocked array says EXPECTED" for the first that differs.
void demand_same_cycles(const std::string& where, Cycles fast, Cycles clocked);
void demand_same_bins(const std::string& where, const CycleAccount& fast, const CycleAccount& clocked);
// But for `waiting`, which no clocked array knows.
void demand_same_activity(const std::string& where, const Activity& fast, const Activity& clocked);
// `parts`: of the unit's own array.
void demand_same_work(const std::string& where, const TileWork& fast, const TileWork& clocked,
                      const std::vector<Part>& parts);
// Sums of a layer; those of fp32 within what the order of additions leaves open.
void demand_same_sums(const std::string& where, const Layer& layer, const Ofmap& fast, const Ofmap& clocked);

// Such as ", images 0-0, filters 8-15, rows 2-3".
[[nodiscard]] std::string text_of(const FmapTile& block);

}  // namespace basil
