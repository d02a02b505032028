// Seeded draws that are the same on every machine, which the distributions of the standard library are not.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace basil {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). A stream is told by a seed and a name; both are mixed into
// where it starts, so that neighbouring seeds share nothing and a stream does not depend on what else is
// drawn.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name) : state_(mix(mix(seed + step) ^ hash(name))) {}

  std::uint64_t next() { return mix(state_ += step); }

  // 0 .. bound - 1, each alike to within bound / 2^53. bound is above 0.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>((next() >> 11) % static_cast<std::uint64_t>(bound));
  }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15U;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  // FNV-1a, 64 bits.
  static constexpr std::uint64_t hash(std::string_view name) {
    std::uint64_t h = 0xCBF29CE484222325U;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return h;
  }

  std::uint64_t state_;
};

// Every order alike (Durstenfeld, CACM 7, 1964).
template <class T>
[[nodiscard]] std::vector<T> shuffled(std::vector<T> values, RandomStream& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  }
  return values;
}

}  // namespace basil
