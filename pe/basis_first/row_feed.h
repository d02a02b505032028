// When a block's row store begins on each pixel, and so when its slices may.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace basil::basis_first {

// Pixels in order; cycles count from the meeting before.
class RowFeed {
 public:
  // Of each slice's pixel store.
  explicit RowFeed(int places) : free_from_(static_cast<std::size_t>(places)) {}

  void restart() {
    std::fill(free_from_.begin(), free_from_.end(), 0);
    idle_from_ = 0;
    place_ = 0;
  }
  // The cycle in which the row store begins on the next pixel, which takes it `fetch` cycles.
  std::int64_t begin(std::int64_t fetch) {
    const std::int64_t first = std::max(idle_from_, free_from_[place_]);
    idle_from_ = first + fetch;
    return first;
  }
  // The last slice ended the pixel in this cycle.
  void end(std::int64_t cycle) {
    free_from_[place_] = cycle + 1;
    if (++place_ == free_from_.size()) place_ = 0;
  }

 private:
  std::vector<std::int64_t> free_from_;  // of each place
  std::int64_t idle_from_ = 0;
  std::size_t place_ = 0;
};

}  // namespace basil::basis_first
