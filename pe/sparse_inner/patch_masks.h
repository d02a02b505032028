// Masks of the patches behind a pass's pixels.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "pe/sparse_inner/masks.h"
#include "traces/encodings/slice.h"
#include "traces/trace.h"

namespace basil {

// Kept while passes differ in their filters alone.
class PatchMasks {
 public:
  explicit PatchMasks(const Layer& layer);

  void gather(const TilePass& pass);
  [[nodiscard]] std::int64_t words() const { return words_; }  // of a patch
  [[nodiscard]] std::int64_t pixels() const { return pixels_; }
  [[nodiscard]] const std::uint64_t* data() const { return masks_.data(); }  // pixels x words
  [[nodiscard]] std::int64_t nonzeros() const { return nonzeros_; }          // of all patches
  // All patches as they are shipped: the group's channels of each ifmap place under a tap by themselves.
  [[nodiscard]] std::int64_t encoded_bits() const { return encoded_bits_; }

 private:
  void gather_rows(const TilePass& pass, int n);
  void gather_patches(const TilePass& pass, int p, std::uint64_t* out) const;
  void count_bits(const TilePass& pass);
  // The first ifmap row under a pass.
  [[nodiscard]] int top(const TilePass& pass) const {
    return pass.rows.first * layer_.shape.stride_y - layer_.shape.pad_top;
  }

  const Layer& layer_;
  SliceReader ifmap_;
  NonzeroMap map_;
  std::int64_t words_, row_words_;  // of a patch, of an ifmap row with its padding
  std::vector<std::uint64_t> rows_;

  bool held_ = false;
  TilePass pass_;  // whose patches are held, whatever its filters
  std::int64_t pixels_ = 0, nonzeros_ = 0, encoded_bits_ = 0;
  std::vector<std::uint64_t> masks_;
};

}  // namespace basil
