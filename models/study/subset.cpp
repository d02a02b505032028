#include "models/study/subset.h"

#include <algorithm>
#include <bit>

namespace basil {

void Subset::add(bool is_in) {
  if (numbers_ % bits == 0) {
    words_.push_back(0);
    before_.push_back(static_cast<std::uint32_t>(size_));
  }
  if (is_in) {
    words_.back() |= std::uint64_t{1} << (numbers_ % bits);
    ++size_;
  }
  ++numbers_;
}

std::size_t Subset::at(std::size_t place) const {
  const auto after = std::upper_bound(before_.begin(), before_.end(), place);
  const auto word = static_cast<std::size_t>(after - before_.begin()) - 1;
  std::uint64_t left = words_[word];
  for (std::size_t skip = place - before_[word]; skip > 0; --skip) left &= left - 1;
  return word * bits + static_cast<std::size_t>(std::countr_zero(left));
}

std::size_t Subset::below(std::size_t number) const {
  const std::uint64_t lower = words_[number / bits] & ((std::uint64_t{1} << (number % bits)) - 1);
  return before_[number / bits] + static_cast<std::size_t>(std::popcount(lower));
}

}  // namespace basil
