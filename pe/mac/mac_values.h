// The values of the multiply-accumulate unit: products of the slices a pass names, summed exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pe/unit.h"
#include "traces/encodings/slice.h"

namespace basil {

// Number is int16_t (int4 to int16 operands, exact sums) or float (sums in the order of the passes).
//
// A pass becomes a small matrix product: a row for each ofmap pixel (its patch of the ifmap slice), a row
// for each filter (its slice of the weights), both as long as the slice's reduction. The patches of the
// last pass are kept, since the next one often differs in its filters alone.
template <class Number>
class MacValues final : public Unit {
 public:
  MacValues(const Layer& layer, const UnitParameters& parameters);

  Products accumulate(const RowPass& pass, Ofmap& sums) override;
  Products accumulate(const GemmPass& pass, Ofmap& sums) override;
  // For units with an array of their own: the block's sums, complete and begun from the bias.
  void accumulate(const TilePass& pass, Ofmap& sums);

 private:
  // One axis of a slice's reduction: `count` channels from `channel` at tap (y, x).
  struct Stretch {
    int tap_y, tap_x, channel, count;
    friend bool operator==(const Stretch&, const Stretch&) = default;
  };
  // An ofmap row segment: pixels (n, p, q .. q + count).
  struct Segment {
    int n, p, q, count;
    friend bool operator==(const Segment&, const Segment&) = default;
  };
  struct Slice {
    int group = 0;
    std::vector<Stretch> reduction;
    std::vector<Segment> pixels;
    friend bool operator==(const Slice&, const Slice&) = default;
  };

  Products run(const Slice& slice, Range filters, bool first, Ofmap& sums);
  // Which words of an ifmap row a slice wants, and how wide the row is with its padding.
  struct RowBlock {
    int first_channel = 0;
    std::int64_t depth = 0, columns = 0;
  };

  void gather_patches(const Slice& slice);
  void count_gated(std::int64_t reduction);
  void decode_rows(int n, int top, int bottom, const RowBlock& block);
  void gather_weights(const Slice& slice, Range filters);
  [[nodiscard]] std::vector<Stretch> flat_reduction(Range reduction) const;

  const Layer& layer_;
  SliceReader weights_, ifmap_;
  bool zero_gating_;
  std::int64_t narrow_length_;  // dot products up to this length fit 32-bit sums

  Slice slice_;              // whose patches are held
  std::int64_t length_ = 0;  // of a patch, padded with zeros to whole vectors
  std::int64_t pixels_ = 0;
  // With zero gating: zeros among the patches' words, padding of the ifmap included, and patches that end in
  // one.
  std::int64_t zero_words_ = 0, zero_last_words_ = 0;
  std::vector<Number> rows_;     // decoded ifmap rows, padded
  std::vector<Number> patches_;  // pixels_ x length_
  std::vector<Number> filters_;  // filters x length_
};

extern template class MacValues<std::int16_t>;
extern template class MacValues<float>;

}  // namespace basil
