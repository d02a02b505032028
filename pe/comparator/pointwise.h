// The pointwise weights of a pass as the lanes of the second stage see them.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "traces/trace.h"

namespace basil::comparator_array {

// What a word that is not skipped costs a row, whatever its value.
struct WordCost {
  std::int64_t slots = 0;       // cycles: rounds of all blocks of filters
  std::int64_t lane_slots = 0;  // lane-cycles with a filter in them
  std::int64_t reads = 0;       // blocks that take the word at all
};

// Kept from pass to pass while the filters stay the same.
class Pointwise {
 public:
  // `pitch`: words of a filter, padded with zeros.
  Pointwise(const Layer& layer, int add_lanes, std::int64_t pitch);

  void load(Range filters);

  [[nodiscard]] const WordCost& word() const { return word_; }
  // Terms that are not zero, over the filters, for each word of a pixel.
  [[nodiscard]] const std::vector<std::int32_t>& effectual() const { return effectual_; }
  // The weights the codes stand for: filters x pitch.
  [[nodiscard]] const std::vector<std::int16_t>& weights() const { return weights_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // The greatest magnitude any weight can have.
  [[nodiscard]] std::int64_t greatest() const;

 private:
  [[nodiscard]] int terms(int filter) const;
  void read_filter(int filter, std::int16_t* weights);

  const Layer& layer_;
  int add_lanes_;
  std::int64_t length_, pitch_;
  std::vector<std::int64_t> starts_;  // codes before each filter

  Range filters_;
  WordCost word_;
  std::vector<std::int32_t> effectual_;
  std::vector<std::int16_t> weights_;
  Bytes bytes_;
};

}  // namespace basil::comparator_array
