// The golden executor on the first stage of a comparator layer.
#include "traces/golden/golden_layers.h"
#include "traces/golden/golden_patches.h"

namespace basil::golden {

std::vector<std::int16_t> compare_taps(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                                       const Operand& weights) {
  const std::int64_t pixels = std::int64_t{s.N} * s.P() * s.Q();
  std::vector<std::int16_t> words(static_cast<std::size_t>(pixels * s.C));
  const auto value = [&](const Window& window, int place, int c) -> std::int16_t {
    const std::int64_t y = window.top + std::int64_t{place / s.S} * s.dilation_y;
    const std::int64_t x = window.left + std::int64_t{place % s.S} * s.dilation_x;
    if (y < 0 || y >= s.H || x < 0 || x >= s.W) return 0;
    return ifmap[static_cast<std::size_t>(((window.n * s.H + y) * s.W + x) * s.C + c)];
  };
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    const Window window = window_of(s, pixel);
    for (int c = 0; c < s.C; ++c) {
      const std::uint8_t* places = weights.offsets.data() + std::ptrdiff_t{c} * (weights.taps + 1);
      const std::int16_t pivot = value(window, places[0], c);
      int word = 0;
      for (int tap = 0; tap < weights.taps; ++tap) {
        word |= (value(window, places[tap + 1], c) > pivot ? 1 : 0) << tap;
      }
      words[static_cast<std::size_t>(pixel * s.C + c)] = static_cast<std::int16_t>(word);
    }
  }
  return words;
}

}  // namespace basil::golden
