// Transaction-level time of one pass on a row-stationary array.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "core/units.h"
#include "dataflows/row_stationary/row_flow.h"
#include "dataflows/row_stationary/row_links.h"
#include "dataflows/row_stationary/row_stationary.h"
#include "pe/activity.h"
#include "pe/pass.h"

namespace basil {

// A pass on the array when buffers keep up: how long it takes, where the PE-cycles go, what is counted.
struct RowPassTiming {
  Cycles cycles;
  Cycles filter_load;  // when the last filter beat is in
  RowFlow flow;
  Activity activity;  // events of the pass; products and gating are added by the values
};

// Times passes of one layer. Data cannot matter to a dense array, so passes of the same extent are timed
// once, by following their words (dataflows/row_stationary/row_flow.h).
class RowTimer {
 public:
  // `slots`: of each filter's weights; empty for one each. `flows`: what is known of the array from other
  // layers, kept for the next; else the timer keeps its own.
  RowTimer(const LayerShape& shape, const RowArray& array, std::vector<int> slots, const RowLinks& links = {},
           RowFlows* flows = nullptr);

  // `ahead`: what came under the pass before, or as many cycles in which it could.
  [[nodiscard]] const RowPassTiming& time(const RowPass& pass, const PassAhead& ahead = {});
  // What the flow of the pass is likely to be, in closed form: windows of the busiest PE or words over the
  // ifmap bus, first words, climb; the words of its streams as they are.
  [[nodiscard]] RowPassTiming likely(const RowPass& pass, const PassAhead& ahead) const;
  // As much of it as there are filters, and places for ifmap words.
  [[nodiscard]] PassAhead useful(const RowPass& pass, const PassAhead& ahead) const;

 private:
  // n, filters, channels, taps_y, taps_x, rows, first, ahead, slots of each filter
  using Extents = std::tuple<int, int, int, int, int, int, bool, PassAhead, std::vector<int>>;
  [[nodiscard]] std::vector<int> slots_of(const Range& filters) const;
  [[nodiscard]] RowFlowShape flow_shape(const RowPass& pass) const;
  [[nodiscard]] std::int64_t filter_beats(const RowFlowShape& shape) const;
  [[nodiscard]] RowFeeds feeds(const RowFlowShape& shape, const Activity& activity) const;
  [[nodiscard]] RowPassTiming compute(const RowPass& pass, const PassAhead& ahead);
  [[nodiscard]] Activity count_events(const RowPass& pass, const RowFlowShape& shape) const;

  LayerShape shape_;
  RowArray array_;
  RowLinks links_;
  std::vector<int> slots_;
  std::optional<RowFlows> own_flows_;
  RowFlows* flows_;
  std::map<Extents, RowPassTiming> known_;
};

}  // namespace basil
