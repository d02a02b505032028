// Where the channels lie: first in a dense-network file and in ONNX, last (innermost) in Basil.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basil {

// What a tensor is made of: `outer` images or filters of `channels` planes of `places` each.
struct Planes {
  std::int64_t outer = 1, channels = 1, places = 1;
};

// (outer, channels, places) to (outer, places, channels).
template <class To, class From>
[[nodiscard]] std::vector<To> channels_last(std::span<const From> first, const Planes& planes) {
  std::vector<To> last;
  last.reserve(first.size());
  for (std::int64_t o = 0; o < planes.outer; ++o) {
    for (std::int64_t place = 0; place < planes.places; ++place) {
      for (std::int64_t c = 0; c < planes.channels; ++c) {
        const std::int64_t at = (o * planes.channels + c) * planes.places + place;
        last.push_back(static_cast<To>(first[static_cast<std::size_t>(at)]));
      }
    }
  }
  return last;
}

// The way back is the same permutation with channels and places exchanged.
template <class To, class From>
[[nodiscard]] std::vector<To> channels_first(std::span<const From> last, const Planes& planes) {
  return channels_last<To>(last, {planes.outer, planes.places, planes.channels});
}

}  // namespace basil
