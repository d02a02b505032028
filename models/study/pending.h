// The points of a study that are still to run.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "models/study/points.h"
#include "models/study/store/database.h"

namespace basil {

// Of a shard, those without a result in the database (with `retry` those too that failed), one for each key;
// points whose layers are the same come one behind the other. They are looked up as they are asked for:
// results that were stored meanwhile count.
class PendingPoints {
 public:
  PendingPoints(const Points& points, StudyDatabase& database, const Shard& shard, bool retry);

  [[nodiscard]] std::optional<std::size_t> next();

 private:
  [[nodiscard]] bool is_pending(std::size_t point);

  const Points& points_;
  StudyDatabase& database_;
  Shard shard_;
  bool retry_;
  std::size_t k_ = 0;
  bool repeats_;
  std::set<std::string> given_;  // keys, where some are of several points
};

}  // namespace basil
