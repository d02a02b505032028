#include "models/layer/filter_ring.h"

namespace basil {

FilterRing::Slice FilterRing::slice_of(const Step& step, const LayerBox& box) {
  const auto slice = [&](Range filters, Range channels, Range a, Range b) {
    return Slice{box.filters.first + filters.first,
                 box.filters.first + filters.end,
                 box.channels.first + channels.first,
                 box.channels.first + channels.end,
                 a.first,
                 a.end,
                 b.first,
                 b.end};
  };
  if (const auto* rows = std::get_if<RowPass>(&step.pass))
    return slice(rows->filters, rows->channels, rows->taps_y, rows->taps_x);
  const Range all{0, box.channels.size()};
  if (const auto* tile = std::get_if<TilePass>(&step.pass)) return slice(tile->filters, all, {}, {});
  const auto& fold = std::get<GemmPass>(step.pass);
  return slice(fold.filters, all, fold.reduction, {});
}

void FilterRing::clear() {
  slices_.clear();
  known_.clear();
  held_ = Bytes(0);
}

void FilterRing::put(const Slice& slice, Bytes bytes) {
  if (bytes > room_) return clear();
  while (held_ + bytes > room_) {
    held_ -= slices_.front().second;
    known_.erase(slices_.front().first);
    slices_.pop_front();
  }
  slices_.emplace_back(slice, bytes);
  known_.insert(slice);
  held_ += bytes;
}

}  // namespace basil
