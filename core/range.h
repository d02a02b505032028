// A stretch of indices.
#pragma once

#include <compare>

namespace basil {

// first, first + 1, ... end - 1
struct Range {
  int first = 0, end = 0;

  [[nodiscard]] int size() const { return end - first; }
  friend auto operator<=>(const Range&, const Range&) = default;
};

}  // namespace basil
