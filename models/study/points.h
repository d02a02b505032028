// The points of a study: which there are, and what tells one from another.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/study/study.h"

namespace basil {

struct Point {
  std::size_t trace = 0, accelerator = 0;                   // of the study
  std::vector<std::pair<std::string, std::string>> values;  // key and value, in the accelerator's order

  // "array.rows=16", as load_accelerator() takes them.
  [[nodiscard]] std::vector<std::string> overrides() const;
};

// What a key, or the word accelerator or trace, says at a point: its own value, else the description's;
// nothing for a key that the accelerator lacks.
[[nodiscard]] std::optional<std::string> value_at(const Study& study, const Point& point,
                                                  const std::string& key);

// Traces slowest, then accelerators, then parameters, the last one fastest; of a Latin hypercube its samples
// in order. Error when constraints leave none, or when there are over a million.
[[nodiscard]] std::vector<Point> points_of(const Study& study);

// Of a trace's bytes; of a synthetic one, of its list of shapes, from which all its values follow.
[[nodiscard]] std::string fingerprint_of(const StudyTrace& trace);

// What a point's results depend on, one for each: the program's build, its trace's bytes and recipe, the
// accelerator's whole text with the point's values, those of its technology and DRAM device, the layers, and
// whether values are verified.
[[nodiscard]] std::vector<std::string> keys_of(const Study& study, const std::vector<Point>& points,
                                               const std::string& program);

// The k-th of n parts, k from 1: every n-th point.
struct Shard {
  int part = 1, of = 1;

  [[nodiscard]] bool has(std::size_t point) const {
    return point % static_cast<std::size_t>(of) == static_cast<std::size_t>(part - 1);
  }
};

// "3/8". Error for anything else.
[[nodiscard]] Shard parse_shard(const std::string& text);

}  // namespace basil
