// Runs the points of a study, each in a process of its own.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "models/study/point_server.h"
#include "models/study/points.h"

namespace basil {

struct SweepOptions {
  std::function<void(const std::vector<PointEnd>&)> ended;  // told as they end, in no order
  std::function<bool()> stop;                               // asked several times a second
};

class Sweep {
 public:
  // Error when no point's machine can be built.
  Sweep(PointServer& server, const Study& study, const Points& points);

  // The points that `next` names as there is room for them, nothing being the end. Best where points whose
  // layers are the same come one behind the other. Returns early when told to stop; points in flight are then
  // lost.
  SweepCost run(const std::function<std::optional<std::size_t>()>& next, const SweepOptions& options);

 private:
  PointServer& server_;
  const Points& points_;
};

}  // namespace basil
