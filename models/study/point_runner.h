// Runs one point of a study after another, with what they share in hand: a trace, its layers as an
// accelerator takes them, technology tables.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/compare/compare.h"
#include "models/study/points.h"
#include "models/study/store/figures.h"

namespace basil {

// Points of one key share the layers that prepare() makes.
[[nodiscard]] std::string preparation_key(const Study& study, const Point& point);

class PointRunner {
 public:
  // Reads each trace once: Error for a bad one, or one that lacks a layer of the study.
  explicit PointRunner(const Study& study);

  // What a point takes of memory, foreseen: of its trace, on whatever accelerator takes most.
  [[nodiscard]] const MemoryNeed& most_memory() const { return most_memory_; }

  // Makes the layers of this point and of those that share its key, unless they are in hand. Error for a
  // recipe or an encoding that does not fit. Whether there was anything to make.
  bool prepare(const Point& point);
  // Of a point that was prepared for; what is wrong is in the result. std::bad_alloc alone is thrown.
  [[nodiscard]] PointResult result_of(const Point& point) const;

 private:
  void read(std::size_t trace);
  void load_technology(const Point& point);

  const Study& study_;
  std::string prepared_;              // its key
  std::optional<std::size_t> trace_;  // the one in hand
  MemoryNeed most_memory_;
  Subject subject_;
  std::vector<std::size_t> layers_;  // of it
  Contender contender_;              // its layers as the accelerator in hand takes them
  std::map<std::string, std::shared_ptr<const Technology>> technologies_;  // those met; none where one is bad
};

}  // namespace basil
