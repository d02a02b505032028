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
  Sweep(PointServer& server, const Study& study, const std::vector<Point>& points);

  // Those of `pending`, points whose layers are the same one behind the other. Returns early when told to
  // stop; points in flight are then lost.
  SweepCost run(const std::vector<std::size_t>& pending, const SweepOptions& options);

  // The same of points that `next` names as there is room for them, nothing being the end.
  SweepCost run(const std::function<std::optional<std::size_t>()>& next, const SweepOptions& options);

  // `pending` in the order in which points share layers.
  [[nodiscard]] std::vector<std::size_t> in_order(const std::vector<std::size_t>& pending) const;

  // How many traces have to be made for these points.
  [[nodiscard]] std::size_t preparations(const std::vector<std::size_t>& pending) const;

 private:
  PointServer& server_;
  const Study& study_;
  const std::vector<Point>& points_;
};

}  // namespace basil
