// The points of a study as its database lists them, and what they are points of.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/study/store/figures.h"

namespace basil {

struct ListedPoint {
  std::string key, trace, accelerator;
  std::vector<std::pair<std::string, std::string>> values;  // key of the description, and what it is here
};

// Points are made one at a time, as they are asked for: there may be a million.
struct Listing {
  using Named = std::vector<std::pair<std::string, std::string>>;

  std::string study, program;
  Named descriptions = {};  // of each accelerator, whole, as YAML
  Named traces = {};        // of each, what tells its layers from others
  std::size_t size = 0;
  std::function<ListedPoint(std::size_t)> point = {};
};

// The row of table `points`.
[[nodiscard]] std::vector<Datum> cells_of(std::size_t number, const ListedPoint& point);
// The inverse.
[[nodiscard]] ListedPoint point_of_cells(const std::vector<Datum>& cells);

}  // namespace basil
