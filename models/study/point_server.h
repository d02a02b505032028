// A process that runs the points of a study for another: it holds traces and machines and nothing that grows
// with the study, so that starting a point (a fork, which copies the page tables of whoever forks) costs the
// same in a study of ten points and in one of a million.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "models/processes/child_process.h"
#include "models/study/points.h"
#include "models/study/store/figures.h"

namespace basil {

using PointEnd = std::pair<std::size_t, PointResult>;  // index of the point

// What it cost, to say what more would cost.
struct SweepCost {
  std::size_t preparations = 0, points = 0;
  double preparing_seconds = 0;  // traces read, layers derived
  double child_seconds = 0;      // from start to end, over all children
};

class PointServer {
 public:
  // Starts it: to be done before the points are listed. It reads each trace once; Error for a bad one, or one
  // that lacks a layer of the study. `jobs`: points at a time, each in a child of its own.
  PointServer(const Study& study, int jobs);
  // With this object it ends, and the points in flight with it.

  // Points whose layers are the same, sent one behind the other, share one trace, made before the first of
  // them.
  void send(std::size_t index, const Point& point);
  // Whether it has enough in hand to be kept busy.
  [[nodiscard]] bool full() const { return in_flight_ >= window_; }
  [[nodiscard]] bool empty() const { return in_flight_ == 0; }
  // Those that ended, after waiting up to `most` for the first. Failure where the server itself ended.
  [[nodiscard]] std::vector<PointEnd> wait(std::chrono::milliseconds most);
  [[nodiscard]] const SweepCost& cost() const { return cost_; }

 private:
  [[nodiscard]] std::string ended();

  std::size_t window_, in_flight_ = 0;
  ChildProcess process_;
  std::string received_;  // of a message that is not whole yet
  SweepCost cost_;
};

}  // namespace basil
