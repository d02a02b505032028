// What of a layer's weights still lies in the filter buffer.
#pragma once

#include <deque>
#include <set>
#include <utility>

#include "core/units.h"
#include "dataflows/schedule.h"
#include "traces/pieces/layer_box.h"

namespace basil {

// The buffer is a ring: slices are put one behind the other and stay until later ones need their place,
// oldest first. So weights that a loop comes back to are fetched once where all that the loop uses fits the
// buffer, and every time where it does not: no slice of a loop too large survives until its turn.
// A slice larger than the buffer streams through it, for every pass that uses it.
class FilterRing {
 public:
  // As the layer counts filters and channels.
  using Slice = WeightSlice;
  // Of a step of a box's schedule.
  [[nodiscard]] static Slice slice_of(const Step& step, const LayerBox& box);

  explicit FilterRing(Bytes room) : room_(room) {}

  void clear();
  [[nodiscard]] bool holds(const Slice& slice) const { return known_.count(slice) > 0; }
  // A slice larger than the ring streams through it, over all that was there.
  void put(const Slice& slice, Bytes bytes);

 private:
  Bytes room_, held_;
  std::deque<std::pair<Slice, Bytes>> slices_;  // oldest first
  std::set<Slice> known_;
};

}  // namespace basil
