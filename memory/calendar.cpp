#include "memory/calendar.h"

#include <algorithm>

namespace basil {
namespace {

// Stretches that end at `cycle` touch what begins there.
constexpr auto ends_before = [](const auto& stretch, Cycles cycle) { return stretch.until < cycle; };

}  // namespace

// In place of first .. last, which it covers.
void Calendar::put(Place first, Place last, const Stretch& merged) {
  if (first == last) {
    taken_.insert(first, merged);
  } else {
    *first = merged;
    taken_.erase(first + 1, last);
  }
  if (taken_.size() <= most) return;
  taken_[1].from = taken_[0].from;
  taken_.erase(taken_.begin());
}

Cycles Calendar::fill(Cycles asked, Cycles length) {
  if (length.value <= 0) return asked;
  const Place first = std::lower_bound(taken_.begin(), taken_.end(), asked, ends_before);
  Place last = first;
  Stretch merged{asked, asked};
  for (Cycles left = length; left.value > 0;) {
    for (; last != taken_.end() && last->from <= merged.until; ++last) {
      merged.from = std::min(merged.from, last->from);
      merged.until = std::max(merged.until, last->until);
    }
    const Cycles piece = last == taken_.end() ? left : std::min(left, last->from - merged.until);
    merged.until += piece;
    left -= piece;
  }
  const Cycles end = merged.until;
  if (last != taken_.end() && last->from == end) merged.until = (last++)->until;
  put(first, last, merged);
  return end;
}

Cycles Calendar::gap(Cycles asked, Cycles length) const {
  auto next = std::lower_bound(taken_.begin(), taken_.end(), asked, ends_before);
  for (; next != taken_.end() && next->from < asked + length; ++next) asked = std::max(asked, next->until);
  return asked;
}

void Calendar::take(Cycles from, Cycles length) { fill(from, length); }

void Calendar::forget_before(Cycles cycle) {
  const auto kept = std::find_if(taken_.begin(), taken_.end(),
                                 [&](const Stretch& stretch) { return stretch.until > cycle; });
  taken_.erase(taken_.begin(), kept);
}

}  // namespace basil
