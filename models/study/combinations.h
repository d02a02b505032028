// The values that the keys of one accelerator take together in a study, made from their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/study/study.h"

namespace basil {

// Whether another value of `key` can change which encoding the machine's unit takes, or the recipe that
// derives it. Units that bring their array may look at its rows.
[[nodiscard]] bool shapes_the_layers(const std::string& key, const StudyAccelerator& accelerator);

// Of a grid nothing is kept; of a Latin hypercube two bytes a sample and parameter, and four a sample where
// a parameter shapes the layers.
class Combinations {
 public:
  Combinations(const StudyAccelerator& accelerator, const Sampling& sampling);

  [[nodiscard]] std::size_t size() const { return size_; }
  // Key and value, in the accelerator's order. Of a grid the last parameter is the fastest; of a Latin
  // hypercube the samples stand as they were drawn.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> values(std::size_t number) const;
  // The number of the k-th in an order in which those whose layers are the same come one behind the other.
  [[nodiscard]] std::size_t in_turn(std::size_t k) const;

 private:
  void draw(const Sampling& sampling);
  void drop_equal_samples();
  void sort_samples();
  [[nodiscard]] std::size_t digit(std::size_t number, std::size_t parameter) const;

  const StudyAccelerator* accelerator_;
  std::size_t size_ = 1;
  std::vector<std::size_t> strides_;  // of a grid: from one value of each parameter to the next
  std::vector<std::size_t> turn_;     // parameters, those that shape the layers first
  std::size_t shaping_ = 0;           // how many those are
  bool sampled_ = false;
  std::vector<std::uint16_t> samples_;  // of a Latin hypercube: places of values, a row a sample
  std::vector<std::uint32_t> sorted_;   // samples by the values that shape the layers
};

}  // namespace basil
