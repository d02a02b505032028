// The axes of an array in a network file, by their letters, whatever their order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "traces/shape.h"

namespace basil {

// Letters of weights in the order of Basil's own tensors, and as files are written.
inline constexpr const char* weight_order = "KRSC";
inline constexpr const char* weight_file_order = "KCRS";
inline constexpr const char* ifmap_order = "NHWC";
inline constexpr const char* ifmap_file_order = "NCHW";

// Axes of a tensor of weights: C is that of a group.
[[nodiscard]] std::vector<std::int64_t> weight_lengths(const LayerShape& shape, const std::string& axes);
[[nodiscard]] std::vector<std::int64_t> ifmap_lengths(const LayerShape& shape, const std::string& axes);

// Throws Error at `where` unless `axes` are the letters of `all` in some order.
void check_axes(const std::string& axes, const std::string& all, const std::string& where);

// The elements of an array with these axes and lengths in the order of `wanted`, four letters, of which those
// that the array does not have are axes of one place.
template <class To, class From>
[[nodiscard]] std::vector<To> arranged(std::span<const From> from, const std::string& axes,
                                       const std::vector<std::int64_t>& lengths, const std::string& wanted) {
  std::array<std::int64_t, 4> count{1, 1, 1, 1}, step{0, 0, 0, 0};
  std::int64_t stride = 1;
  for (std::size_t i = axes.size(); i-- > 0; stride *= lengths[i]) {
    const std::size_t to = wanted.find(axes[i]);
    count[to] = lengths[i];
    step[to] = stride;
  }
  std::vector<To> to;
  to.reserve(from.size());
  for (std::int64_t a = 0; a < count[0]; ++a) {
    for (std::int64_t b = 0; b < count[1]; ++b) {
      for (std::int64_t c = 0; c < count[2]; ++c) {
        const From* row = from.data() + a * step[0] + b * step[1] + c * step[2];
        for (std::int64_t d = 0; d < count[3]; ++d) to.push_back(static_cast<To>(row[d * step[3]]));
      }
    }
  }
  return to;
}

}  // namespace basil
