// Masks of filters and of patches as 64-bit words: one bit a position, set where the value is not zero.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "traces/slice.h"
#include "traces/trace.h"

namespace basil {

// Of an operand, in the flat order of Extent: its own bitmap where it is encoded so.
class NonzeroMap {
 public:
  explicit NonzeroMap(const SliceReader& reader);

  // Sets those of bits at, at + 1, ... of `out` whose positions first, first + 1, ... are not zero.
  void copy(std::int64_t first, std::int64_t count, std::uint64_t* out, std::int64_t at) const;

 private:
  std::vector<std::uint64_t> packed_;  // of any other encoding
  const std::uint64_t* words_;
};

// The mask of a side that is not skipped.
[[nodiscard]] std::vector<std::uint64_t> ones(std::int64_t positions);
[[nodiscard]] std::int64_t count_ones(const std::uint64_t* words, std::int64_t count);

// Of the patches behind a pass's pixels; kept while passes differ in their filters alone.
class PatchMasks {
 public:
  explicit PatchMasks(const Layer& layer);

  void gather(const TilePass& pass);
  [[nodiscard]] std::int64_t words() const { return words_; }  // of a patch
  [[nodiscard]] std::int64_t pixels() const { return pixels_; }
  [[nodiscard]] const std::uint64_t* data() const { return masks_.data(); }  // pixels x words
  [[nodiscard]] std::int64_t nonzeros() const { return nonzeros_; }          // of all patches
  // All patches as they are shipped, each with the channels of one ifmap place by themselves.
  [[nodiscard]] std::int64_t encoded_bits() const { return encoded_bits_; }

 private:
  void gather_patch(int n, int p, int q, int group, std::uint64_t* out) const;
  void count_bits(const TilePass& pass);

  const Layer& layer_;
  SliceReader ifmap_;
  NonzeroMap map_;
  std::int64_t words_;

  bool held_ = false;
  TilePass pass_;  // whose patches are held, whatever its filters
  std::int64_t pixels_ = 0, nonzeros_ = 0, encoded_bits_ = 0;
  std::vector<std::uint64_t> masks_;
};

}  // namespace basil
