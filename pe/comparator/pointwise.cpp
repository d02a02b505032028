#include "pe/comparator/pointwise.h"

#include <algorithm>

#include "pe/comparator/parts.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/power_of_two.h"

namespace basil::comparator_array {

Pointwise::Pointwise(const Layer& layer, int add_lanes, std::int64_t pitch)
    : layer_(layer), add_lanes_(add_lanes), length_(words_a_pixel(layer)), pitch_(pitch) {
  if (layer.weights.encoding == &power_of_two_encoding) {
    starts_ = power_of_two::starts(layer.weights);
  } else {
    for (int k = 0; k <= layer.shape.K; ++k) starts_.push_back(k * length_);
  }
}

std::int64_t Pointwise::greatest() const {
  const std::int64_t term = power_of_two::value_of(power_of_two::max_code);
  return layer_.weights.encoding == &power_of_two_encoding ? power_of_two::max_terms * term : term;
}

int Pointwise::terms(int filter) const {
  const auto k = static_cast<std::size_t>(filter);
  return static_cast<int>((starts_[k + 1] - starts_[k]) / length_);
}

// Counts the terms that are not zero; the weights are their sums.
void Pointwise::read_filter(int filter, std::int16_t* weights) {
  const std::int16_t* codes = layer_.weights.values.data() + starts_[static_cast<std::size_t>(filter)];
  for (int term = 0; term < terms(filter); ++term, codes += length_) {
    for (std::int64_t i = 0; i < length_; ++i) {
      effectual_[static_cast<std::size_t>(i)] += codes[i] != 0 ? 1 : 0;
      weights[i] = static_cast<std::int16_t>(weights[i] + power_of_two::value_of(codes[i]));
    }
  }
}

void Pointwise::load(Range filters) {
  if (filters_ == filters) return;
  filters_ = filters;
  effectual_.assign(static_cast<std::size_t>(pitch_), 0);
  weights_.assign(static_cast<std::size_t>(filters.size() * pitch_), 0);
  word_ = {};
  for (int first = filters.first; first < filters.end; first += add_lanes_) {
    const int end = std::min(first + add_lanes_, filters.end);
    int rounds = 0;
    for (int k = first; k < end; ++k) {
      rounds = std::max(rounds, terms(k));
      read_filter(k, weights_.data() + (k - filters.first) * pitch_);
    }
    word_.slots += rounds;
    word_.lane_slots += std::int64_t{rounds} * (end - first);
    word_.reads += rounds > 0 ? 1 : 0;
  }
  bytes_ = Bytes(ceil_div(filter_bits(layer_.weights, filters.first, filters.end), 8));
}

}  // namespace basil::comparator_array
