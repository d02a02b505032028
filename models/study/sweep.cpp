#include "models/study/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/error.h"
#include "models/description/description.h"
#include "models/study/point_runner.h"

namespace basil {
namespace {

// A value may only hold together with others, so one machine that cannot be built is a result; a study of
// nothing else is a mistake.
void check_some_machine(const Study& study, const std::vector<Point>& points) {
  std::optional<Error> first;
  for (std::size_t i = 0; i < std::min<std::size_t>(points.size(), 1000); ++i) {
    try {
      static_cast<void>(
          load_accelerator(study.accelerators[points[i].accelerator].source, points[i].overrides()));
      return;
    } catch (const Error& error) {
      if (!first) first = error;
    }
  }
  if (first) throw first->within(study.file + ": no point can be built; the first");
}

// By the layers they share, each group in the order of its points.
std::vector<std::vector<std::size_t>> groups_of(const Study& study, const std::vector<Point>& points,
                                                const std::vector<std::size_t>& pending) {
  std::vector<std::vector<std::size_t>> groups;
  std::map<std::string, std::size_t> places;
  for (const std::size_t point : pending) {
    const auto [place, is_new] = places.emplace(preparation_key(study, points[point]), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(point);
  }
  return groups;
}

}  // namespace

Sweep::Sweep(PointServer& server, const Study& study, const std::vector<Point>& points)
    : server_(server), study_(study), points_(points) {
  check_some_machine(study, points);
}

std::size_t Sweep::preparations(const std::vector<std::size_t>& pending) const {
  return groups_of(study_, points_, pending).size();
}

std::vector<std::size_t> Sweep::in_order(const std::vector<std::size_t>& pending) const {
  std::vector<std::size_t> order;
  for (const auto& group : groups_of(study_, points_, pending))
    order.insert(order.end(), group.begin(), group.end());
  return order;
}

SweepCost Sweep::run(const std::vector<std::size_t>& pending, const SweepOptions& options) {
  const std::vector<std::size_t> order = in_order(pending);
  std::size_t at = 0;
  return run([&] { return at < order.size() ? std::optional(order[at++]) : std::nullopt; }, options);
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
