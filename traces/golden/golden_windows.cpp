// The golden executor on the first stage of a layer whose weights are multiplied with words made of windows.
#include "traces/golden/golden_layers.h"
#include "traces/golden/golden_patches.h"

namespace basil::golden {
namespace {

// One channel's values, zeros on padding.
void read_window(const LayerShape& s, const std::vector<std::int16_t>& ifmap, const Window& window, int c,
                 std::vector<std::int16_t>& values) {
  values.clear();
  for (int r = 0; r < s.R; ++r) {
    for (int t = 0; t < s.S; ++t) {
      const std::int64_t y = window.top + std::int64_t{r} * s.dilation_y;
      const std::int64_t x = window.left + std::int64_t{t} * s.dilation_x;
      const bool inside = y >= 0 && y < s.H && x >= 0 && x < s.W;
      values.push_back(inside ? ifmap[static_cast<std::size_t>(((window.n * s.H + y) * s.W + x) * s.C + c)]
                              : 0);
    }
  }
}

}  // namespace

std::vector<std::int16_t> words_of_windows(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                                           const Operand& weights) {
  const auto word = weights.encoding->window_words->word;
  const std::int64_t pixels = std::int64_t{s.N} * s.P() * s.Q();
  std::vector<std::int16_t> words, values;
  words.reserve(static_cast<std::size_t>(pixels * s.C));
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    const Window window = window_of(s, pixel);
    for (int c = 0; c < s.C; ++c) {
      read_window(s, ifmap, window, c, values);
      words.push_back(word(weights, c, values.data()));
    }
  }
  return words;
}

}  // namespace basil::golden
