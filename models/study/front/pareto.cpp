#include "models/study/front/pareto.h"

#include <algorithm>
#include <numeric>

namespace basil {
namespace {

bool beats(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] <= b[i])) return false;
  }
  return a != b;
}

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& objectives) {
  std::vector<std::size_t> order(objectives.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return objectives[a] < objectives[b]; });
  // In this order only an earlier point can beat a later one; and what one off the front beats, one on it
  // does.
  std::vector<std::size_t> front;
  for (const std::size_t point : order) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return beats(objectives[other], objectives[point]);
    });
    if (!beaten) front.push_back(point);
  }
  return front;
}

}  // namespace basil
