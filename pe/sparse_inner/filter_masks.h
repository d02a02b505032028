// Masks of a pass's filters as the units hold them.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_inner/inner_array.h"
#include "pe/sparse_inner/masks.h"
#include "pe/sparse_inner/pairing.h"
#include "traces/encodings/slice.h"

namespace basil {

// Kept while passes differ in their pixels alone.
class FilterMasks {
 public:
  FilterMasks(const Layer& layer, const InnerArray& array);

  void gather(Range filters);
  [[nodiscard]] int filters() const { return filters_.size(); }
  [[nodiscard]] std::int64_t units() const { return units_; }  // that hold a filter
  [[nodiscard]] int filters_a_unit() const { return filters_a_unit_; }
  [[nodiscard]] const std::uint64_t* chunk(std::int64_t index) const;  // units x filters_a_unit x words
  [[nodiscard]] const std::uint64_t* nonzero() const { return nonzero_.data(); }  // filters x words
  // Words of a chunk of all filters that are stored.
  [[nodiscard]] std::int64_t stored(std::int64_t chunk) const {
    return stored_[static_cast<std::size_t>(chunk)];
  }
  [[nodiscard]] std::int64_t encoded_bits() const { return encoded_bits_; }  // each by itself
  [[nodiscard]] std::int64_t words_of(std::int64_t chunk) const;             // of a chunk's mask

 private:
  void read_filters();
  void fill_units();
  [[nodiscard]] std::vector<Collocated> units_of(std::int64_t chunk) const;
  std::uint64_t* put(int filter, std::int64_t chunk, std::uint64_t* out) const;

  const Layer& layer_;
  InnerArray array_;
  SliceReader weights_;
  NonzeroMap map_;
  std::int64_t words_, chunk_words_;  // of a filter, of a whole chunk
  std::vector<std::uint64_t> ones_;   // of a filter that is not skipped

  Range filters_;
  std::int64_t units_ = 0, encoded_bits_ = 0;
  std::vector<std::int64_t> stored_;  // by chunk
  int filters_a_unit_ = 1;
  std::vector<std::uint64_t> nonzero_, by_chunk_;
};

}  // namespace basil
