// The points of a study: which there are, and what tells one from another.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/study/combinations.h"
#include "models/study/study.h"
#include "models/study/subset.h"

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

// All points of a study, made from their numbers: traces slowest, then accelerators, then parameters, the
// last one fastest; of a Latin hypercube its samples in order. What is kept of them is two bits a combination
// where there are constraints, and what Combinations keeps of a hypercube.
class Points {
 public:
  // `study` must outlive it. Error when constraints leave none, or when there are over a million.
  explicit Points(const Study& study);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Point operator[](std::size_t number) const;
  // The number of the k-th point to run: those whose layers are the same come one behind the other.
  [[nodiscard]] std::size_t in_turn(std::size_t k) const;

 private:
  [[nodiscard]] Point combination(std::size_t place) const;  // whether constraints leave it or not
  [[nodiscard]] std::size_t place_in_turn(std::size_t k) const;
  void apply_constraints();

  const Study& study_;
  std::vector<Combinations> combinations_;  // of each accelerator
  std::size_t of_trace_ = 0;                // combinations of all accelerators
  std::size_t size_ = 0;
  bool constrained_ = false;
  Subset left_, left_in_turn_;  // by constraints
};

// Of a trace's bytes; of a synthetic one, of its list of shapes, from which all its values follow.
[[nodiscard]] std::string fingerprint_of(const StudyTrace& trace);

// What a point's results depend on, one for each: the program's build, its trace's bytes and recipe, the
// accelerator's whole text with the point's values, those of its technology and DRAM device, the layers, and
// whether values are verified.
class PointKeys {
 public:
  PointKeys(const Study& study, const std::string& program);

  [[nodiscard]] std::string operator()(const Point& point);

 private:
  const std::string& file_print(const char* folder, const std::string& name);

  const Study& study_;
  std::vector<std::string> shared_;  // of the points of a trace and accelerator
  std::map<std::pair<std::string, std::string>, std::string> files_;
};

// The k-th of n parts, k from 1: every n-th point.
struct Shard {
  int part = 1, of = 1;

  [[nodiscard]] bool has(std::size_t point) const {
    return point % static_cast<std::size_t>(of) == static_cast<std::size_t>(part - 1);
  }
  // Of so many points, how many it has.
  [[nodiscard]] std::size_t count(std::size_t points) const {
    return (points + static_cast<std::size_t>(of - part)) / static_cast<std::size_t>(of);
  }
};

// "3/8". Error for anything else.
[[nodiscard]] Shard parse_shard(const std::string& text);

}  // namespace basil
