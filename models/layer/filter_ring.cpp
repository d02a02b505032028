#include "models/layer/filter_ring.h"

namespace basil {

FilterRing::Slice FilterRing::slice_of(const Step& step, const LayerBox& box) {
  Slice slice = step.weights;
  for (int* filter : {&slice.filters.first, &slice.filters.end}) *filter += box.filters.first;
  for (int* channel : {&slice.channels.first, &slice.channels.end}) *channel += box.channels.first;
  return slice;
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
