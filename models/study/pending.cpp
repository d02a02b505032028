#include "models/study/pending.h"

namespace basil {

PendingPoints::PendingPoints(const Points& points, StudyDatabase& database, const Shard& shard, bool retry)
    : points_(points), database_(database), shard_(shard), retry_(retry), repeats_(database.has_repeats()) {}

std::optional<std::size_t> PendingPoints::next() {
  while (k_ < points_.size()) {
    const std::size_t point = points_.in_turn(k_++);
    if (shard_.has(point) && is_pending(point)) return point;
  }
  return std::nullopt;
}

bool PendingPoints::is_pending(std::size_t point) {
  const StudyDatabase::State state = database_.state(point);
  if (state.ended && !(retry_ && *state.ended == PointStatus::failed)) return false;
  return !repeats_ || given_.insert(state.key).second;
}

}  // namespace basil
