#include "pe/sparse_inner/filter_masks.h"

#include <algorithm>

namespace basil {

FilterMasks::FilterMasks(const Layer& layer, const InnerArray& array)
    : layer_(layer),
      array_(array),
      weights_(layer.weights),
      map_(layer.weights),
      words_(ceil_div(layer.shape.reduction(), 64)),
      chunk_words_(array.chunk / 64),
      ones_(ones(layer.shape.reduction())) {}

std::int64_t FilterMasks::words_of(std::int64_t chunk) const {
  return std::min(chunk_words_, words_ - chunk * chunk_words_);
}

const std::uint64_t* FilterMasks::chunk(std::int64_t index) const {
  return by_chunk_.data() + index * chunk_words_ * units_ * filters_a_unit_;
}

void FilterMasks::gather(Range filters) {
  if (filters == filters_) return;
  filters_ = filters;
  units_ = std::min(filters.size(), array_.units);
  filters_a_unit_ = filters.size() > array_.units ? 2 : 1;
  read_filters();
  fill_units();
}

void FilterMasks::read_filters() {
  const std::int64_t positions = layer_.shape.reduction();
  nonzero_.assign(static_cast<std::size_t>(filters_.size() * words_), 0);
  encoded_bits_ = 0;
  for (int k = filters_.first; k < filters_.end; ++k) {
    const std::int64_t first = layer_.weights.extent.at(k, 0, 0, 0);
    copy_bits(map_.words(), first, positions, nonzero_.data() + (k - filters_.first) * words_, 0);
    encoded_bits_ += weights_.encoded_bits(first, positions);
  }
  stored_.assign(static_cast<std::size_t>(array_.chunks(positions)), 0);
  for (std::size_t chunk = 0; chunk < stored_.size(); ++chunk) {
    const std::int64_t first = static_cast<std::int64_t>(chunk) * chunk_words_;
    const std::int64_t words = words_of(static_cast<std::int64_t>(chunk));
    for (int filter = 0; filter < filters_.size(); ++filter) {
      const std::uint64_t* mask = array_.skip_weights ? nonzero_.data() + filter * words_ : ones_.data();
      stored_[chunk] += count_ones(mask + first, words);
    }
  }
}

std::vector<Collocated> FilterMasks::units_of(std::int64_t chunk) const {
  if (array_.balance == Balance::none) return alone(filters_.size());
  const bool whole = array_.balance == Balance::by_filter;
  std::vector<std::int64_t> nonzeros;
  for (int filter = 0; filter < filters_.size(); ++filter) {
    const std::uint64_t* words = nonzero_.data() + filter * words_;
    nonzeros.push_back(whole ? count_ones(words, words_)
                             : count_ones(words + chunk * chunk_words_, words_of(chunk)));
  }
  return greedy(nonzeros, array_.units);
}

// Zeros where the unit has no such filter.
std::uint64_t* FilterMasks::put(int filter, std::int64_t chunk, std::uint64_t* out) const {
  const std::int64_t words = words_of(chunk);
  if (filter < 0) return std::fill_n(out, words, 0);
  const std::uint64_t* mask = array_.skip_weights ? nonzero_.data() + filter * words_ : ones_.data();
  return std::copy_n(mask + chunk * chunk_words_, words, out);
}

void FilterMasks::fill_units() {
  by_chunk_.resize(static_cast<std::size_t>(words_ * units_ * filters_a_unit_));
  std::uint64_t* out = by_chunk_.data();
  std::vector<Collocated> units = units_of(0);
  for (std::int64_t chunk = 0; chunk * chunk_words_ < words_; ++chunk) {
    if (chunk > 0 && array_.balance == Balance::by_chunk) units = units_of(chunk);
    for (const Collocated& unit : units) {
      out = put(unit.first, chunk, out);
      if (filters_a_unit_ == 2) out = put(unit.second, chunk, out);
    }
  }
}

}  // namespace basil
