#include "pe/basis_first/row_feed_clocked.h"

#include <algorithm>

namespace basil::basis_first {

// What arrives belongs to the last pixel begun.
void PixelStoreClocked::commit() {
  if (!arriving_.empty()) {
    std::vector<std::int64_t>& activations = held_.back().activations;
    activations.insert(activations.end(), arriving_.begin(), arriving_.end());
    arriving_.clear();
  }
  if (finishing_) held_.back().whole = true;
  if (leaving_) held_.pop_front();
  finishing_ = leaving_ = false;
}

int RowFeedClocked::step() {
  if (items_.empty()) return 0;
  Item& item = items_.front();
  if (word_ == 0) {
    const auto has_place = [](const PixelStoreClocked* taker) { return taker->has_place(); };
    if (!std::all_of(item.takers.begin(), item.takers.end(), has_place)) return 0;
    for (PixelStoreClocked* taker : item.takers) taker->reserve();
  }
  int read = 0;
  for (; read < banks_ && word_ < item.words; ++read) item.give(word_++);
  if (word_ == item.words) {
    for (PixelStoreClocked* taker : item.takers) taker->finish();
    items_.pop_front();
    word_ = 0;
  }
  return read;
}

}  // namespace basil::basis_first
