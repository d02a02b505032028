#include "models/study/sweep.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "models/description/description.h"

namespace basil {
namespace {

// A value may only hold together with others, so one machine that cannot be built is a result; a study of
// nothing else is a mistake.
void check_some_machine(const Study& study, const Points& points) {
  std::optional<Error> first;
  for (std::size_t i = 0; i < std::min<std::size_t>(points.size(), 1000); ++i) {
    const Point point = points[i];
    try {
      static_cast<void>(load_accelerator(study.accelerators[point.accelerator].source, point.overrides()));
      return;
    } catch (const Error& error) {
      if (!first) first = error;
    }
  }
  if (first) throw first->within(study.file + ": no point can be built; the first");
}

}  // namespace

Sweep::Sweep(PointServer& server, const Study& study, const Points& points)
    : server_(server), points_(points) {
  check_some_machine(study, points);
}

SweepCost Sweep::run(const std::function<std::optional<std::size_t>()>& next, const SweepOptions& options) {
  const auto stopped = [&] { return options.stop && options.stop(); };
  const auto collect = [&] {
    const std::vector<PointEnd> ends = server_.wait(std::chrono::milliseconds(100));
    if (!ends.empty()) options.ended(ends);
  };
  for (;;) {
    while (server_.full() && !stopped()) collect();
    if (stopped()) return server_.cost();
    const std::optional<std::size_t> point = next();
    if (!point) break;
    server_.send(*point, points_[*point]);
  }
  while (!server_.empty() && !stopped()) collect();
  return server_.cost();
}

}  // namespace basil
