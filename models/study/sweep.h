// Runs the points of a study in child processes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/compare.h"
#include "models/study/child_pool.h"
#include "models/study/figures.h"
#include "models/study/points.h"

namespace basil {

using PointEnd = std::pair<std::size_t, PointResult>;  // index of the point

struct SweepOptions {
  int jobs = 1;
  std::function<void(const std::vector<PointEnd>&)> ended;  // told as they end, in no order
  std::function<bool()> stop;                               // asked several times a second
};

// What it cost, to say what more would cost.
struct SweepCost {
  std::size_t preparations = 0, points = 0;
  double preparing_seconds = 0;  // of this process: traces read, layers derived
  double child_seconds = 0;      // from start to end, over all children
};

class Sweep {
 public:
  // Reads each trace once, to refuse a bad one, or a layer that it lacks, before anything runs; Error too
  // when no point's machine can be built.
  Sweep(const Study& study, const std::vector<Point>& points);

  // Those of `pending`, each in a child of its own; points whose layers are the same share one trace, made
  // before the first of them starts. Returns early when told to stop; points in flight are then lost.
  SweepCost run(const std::vector<std::size_t>& pending, const SweepOptions& options);

  // How many traces have to be made for these points.
  [[nodiscard]] std::size_t preparations(const std::vector<std::size_t>& pending) const;

 private:
  class Run;
  using Groups = std::vector<std::pair<std::string, std::vector<std::size_t>>>;
  [[nodiscard]] Groups groups_of(const std::vector<std::size_t>& pending) const;
  void read(std::size_t trace);
  void prepare(const Point& point);
  void load_technology(const Point& point);
  [[nodiscard]] PointResult result_of(const Point& point) const;

  const Study& study_;
  const std::vector<Point>& points_;
  std::optional<std::size_t> trace_;  // the one in hand
  Subject subject_;
  std::vector<std::size_t> layers_;  // of it
  Contender contender_;              // its layers as the accelerator in hand takes them
  std::map<std::string, std::shared_ptr<const Technology>> technologies_;  // those met; none where one is bad
};

}  // namespace basil
