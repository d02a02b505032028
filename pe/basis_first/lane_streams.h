// How many cycles a slice's lanes take for a stream of effectual terms, for many streams at once.
#pragma once

#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include "pe/basis_first/design.h"

namespace basil::basis_first {

// Maps of pixels: bit l of row i of a pixel says that position i * lanes + l of its stream is not zero.
class LaneStreams {
 public:
  explicit LaneStreams(const LaneWindow& window);

  // Clears the maps for `pixels` streams of `positions`.
  void reset(std::int64_t positions, std::int64_t pixels);
  // Sets position `position` of pixels first, first + 1, ... where values[0], values[step], ... are not zero;
  // returns how many are not.
  std::int64_t mark(std::int64_t position, const std::int16_t* values, std::int64_t step, std::int64_t first,
                    std::int64_t count);
  std::int64_t mark(std::int64_t position, const std::int32_t* values, std::int64_t step, std::int64_t first,
                    std::int64_t count);
  // The whole map of a pixel, a word for each of rows().
  void set(std::int64_t pixel, const std::vector<std::uint64_t>& map);
  void get(std::int64_t pixel, std::vector<std::uint64_t>& map) const;

  [[nodiscard]] int rows() const { return rows_; }
  // Pixels that cycles and effectual hold room for.
  [[nodiscard]] std::int64_t pitch() const { return pitch_; }

  // Rows first, first + step, ... below `end` of `rows()` are a slice's stream.
  struct Share {
    int first = 0, step = 1, end = std::numeric_limits<int>::max();
  };
  // Of each pixel: cycles that the window takes for the terms in (map AND filter), and 1 where there is one.
  // `filter` has a word for each of rows().
  void time(const std::vector<std::uint64_t>& filter, Share share, std::int32_t* cycles,
            std::int32_t* effectual) const;

 private:
  template <class Value>
  std::int64_t mark_nonzeros(std::int64_t position, const Value* values, std::int64_t step,
                             std::int64_t first, std::int64_t count);

  LaneWindow window_;
  int rows_ = 0;
  std::int64_t pitch_ = 0;
  // Row by row, pixels innermost, in the narrowest words that hold the lanes.
  std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<std::uint32_t>,
               std::vector<std::uint64_t>>
      maps_;
};

}  // namespace basil::basis_first
