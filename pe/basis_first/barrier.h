// Rows of work after which all slices of all blocks meet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace basil::basis_first {

// The time from one meeting to the next is that of the slowest slice.
class Barrier {
 public:
  void reset(std::int64_t meetings) { longest_.assign(static_cast<std::size_t>(meetings), 0), busy_ = 0; }
  void arrive(std::int64_t meeting, std::int64_t cycles) {
    std::int64_t& longest = longest_[static_cast<std::size_t>(meeting)];
    longest = std::max(longest, cycles);
    busy_ += cycles;
  }

  [[nodiscard]] std::int64_t cycles(std::int64_t meeting) const {
    return longest_[static_cast<std::size_t>(meeting)];
  }
  // Of all slices that arrived, over all meetings.
  [[nodiscard]] std::int64_t busy() const { return busy_; }

 private:
  std::vector<std::int64_t> longest_;
  std::int64_t busy_ = 0;
};

}  // namespace basil::basis_first
