// Row stationary (Eyeriss, ISCA 2016 and JSSC 2017): a PE convolves a filter row with an ifmap row, a set of
// filter rows x ofmap rows makes a 2-D convolution, sets side by side share ifmaps or add up channels.
#pragma once

#include <memory>
#include <string>

#include "dataflows/row_stationary/row_mapping.h"
#include "dataflows/schedule.h"
#include "pe/row_stationary/row_pe.h"
#include "traces/shape.h"

namespace basil {

// Throws Error naming the letter unless spads, array and buffer hold the mapping.
void check_mapping(const LayerShape& shape, const RowArray& array, const RowMapping& mapping,
                   const std::string& where);

// Loops, outermost first: group, filters by m, ifmaps by n, strips by e, filter rows, filter columns,
// channels by q*r, filters by p*t.
[[nodiscard]] std::unique_ptr<Schedule> row_schedule(const LayerShape& shape, const RowMapping& mapping);

// The sums that a pass adds to.
[[nodiscard]] OutputBlock row_outputs(const RowPass& pass, const LayerShape& shape);

// A PE's share of the passes of this mapping (with full interleaving).
[[nodiscard]] RowShape pe_share(const LayerShape& shape, const RowMapping& mapping, bool psums_in);

}  // namespace basil
