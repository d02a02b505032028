// The words that the pointwise stage works on, of all pixels of a pass: code words, or the ifmap words of
// the window.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pe/pass.h"
#include "traces/encodings/slice.h"
#include "traces/trace.h"

namespace basil::comparator_array {

// Made from the ifmap rows a pass names; the last pass's words are kept, since the next one often differs in
// its filters alone, and the decoded rows too, which the next group shares.
class StageWords {
 public:
  explicit StageWords(const Layer& layer);

  void make(const TilePass& pass);

  // Of a pixel, padded with zeros to whole vectors.
  [[nodiscard]] std::int64_t pitch() const { return pitch_; }
  // Pixel after pixel in the order n, p, q of the pass.
  [[nodiscard]] std::int64_t pixels() const { return pixels_; }
  [[nodiscard]] const std::int16_t* of(std::int64_t pixel) const { return words_.data() + pixel * pitch_; }
  // The greatest magnitude any word of the layer can have.
  [[nodiscard]] std::int64_t greatest() const { return greatest_; }
  [[nodiscard]] Bytes ifmap_bytes() const { return ifmap_bytes_; }

 private:
  // Words to copy beside a window's first one.
  struct Stretch {
    std::int64_t offset, count;
  };

  void decode_rows(const TilePass& pass);
  [[nodiscard]] Bytes encoded(const TilePass& pass) const;
  void place_taps();
  void place_window();
  void compare(const std::int16_t* corner, std::int16_t* codes);
  void copy_window(const std::int16_t* corner, std::int16_t* words) const;

  const Layer& layer_;
  SliceReader ifmap_;
  bool compares_;
  std::int64_t length_, pitch_, columns_;
  std::int64_t greatest_;

  // Beside a window's first word: pivots, then tap after tap, of each channel; or the words of the window,
  // one by one or in stretches.
  std::vector<std::int32_t> places_;
  std::vector<Stretch> window_;
  std::vector<std::int16_t> seen_;      // the words at places_, for one pixel
  std::optional<TilePass> rows_of_;     // whose rows are decoded
  std::optional<TilePass> words_of_;    // whose words are held
  std::vector<std::int16_t> rows_;      // n, y, x, C with padding
  std::vector<std::int32_t> nonzeros_;  // in them, of each channel
  std::vector<std::int16_t> words_;     // pixels x pitch
  std::int64_t pixels_ = 0;
  Bytes ifmap_bytes_;
};

}  // namespace basil::comparator_array
