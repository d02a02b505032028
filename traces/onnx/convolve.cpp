#include "traces/onnx/convolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"

namespace basil::onnx_import {
namespace {

constexpr std::int64_t tile = 16;  // output positions computed together, in registers
constexpr std::int64_t greatest_reduction = std::int64_t{1} << 24;
template <class Sum>
using Row = std::array<Sum, tile>;

// What the filters of one group see at `tile` output positions from `first` on, counted over N, P, Q: one row
// for each weight of a filter, zero in the padding and past the last position.
template <class Sum>
class Patches {
 public:
  Patches(const LayerShape& shape, const std::vector<float>& input) : s_(shape), input_(input) {
    rows_.resize(static_cast<std::size_t>(shape.reduction()));
  }

  const std::vector<Row<Sum>>& gather(int group, std::int64_t first) {
    const std::int64_t P = s_.P(), Q = s_.Q();
    for (std::int64_t j = 0; j < tile; ++j) {
      const std::int64_t position = first + j;
      gather_one(group, static_cast<std::size_t>(j), position / (P * Q),
                 position / Q % P * s_.stride_y - s_.pad_top, position % Q * s_.stride_x - s_.pad_left);
    }
    return rows_;
  }

 private:
  void gather_one(int group, std::size_t j, std::int64_t n, std::int64_t top, std::int64_t left) {
    std::size_t row = 0;
    const std::int64_t depth = s_.channels_per_group();
    for (std::int64_t c = 0; c < depth; ++c) {
      const std::int64_t plane = (n * s_.C + group * depth + c) * s_.H * s_.W;
      for (std::int64_t r = 0; r < s_.R; ++r) {
        const std::int64_t y = top + r * s_.dilation_y;
        const bool inside = n < s_.N && y >= 0 && y < s_.H;
        for (std::int64_t s = 0; s < s_.S; ++s) {
          const std::int64_t x = left + s * s_.dilation_x;
          rows_[row++][j] = inside && x >= 0 && x < s_.W
                                ? static_cast<Sum>(input_[static_cast<std::size_t>(plane + y * s_.W + x)])
                                : Sum{0};
        }
      }
    }
  }

  const LayerShape& s_;
  const std::vector<float>& input_;
  std::vector<Row<Sum>> rows_;
};

template <class Sum>
Row<Sum> dot(const std::vector<Row<Sum>>& patches, const float* weights, Sum bias) {
  Row<Sum> sums;
  sums.fill(bias);
  for (const Row<Sum>& row : patches) {
    const auto weight = static_cast<Sum>(*weights++);
    for (std::size_t j = 0; j < tile; ++j) sums[j] += weight * row[j];
  }
  return sums;
}

template <class Sum>
std::vector<Sum> sums_of(const LayerShape& s, const Filters& filters, const std::vector<float>& input) {
  const std::int64_t plane = std::int64_t{s.P()} * s.Q(), positions = s.N * plane;
  std::vector<Sum> output(static_cast<std::size_t>(positions * s.K));
  Patches<Sum> patches(s, input);
  for (int group = 0; group < s.groups; ++group) {
    for (std::int64_t first = 0; first < positions; first += tile) {
      const std::vector<Row<Sum>>& rows = patches.gather(group, first);
      for (int k = group * s.filters_per_group(); k < (group + 1) * s.filters_per_group(); ++k) {
        const auto filter = static_cast<std::size_t>(k);
        const Row<Sum> sums =
            dot<Sum>(rows, filters.weights.data() + filter * rows.size(),
                     filters.bias.empty() ? Sum{0} : static_cast<Sum>(filters.bias[filter]));
        for (std::int64_t position = first; position < std::min(first + tile, positions); ++position) {
          const std::int64_t at = (position / plane * s.K + k) * plane + position % plane;
          output[static_cast<std::size_t>(at)] = sums[static_cast<std::size_t>(position - first)];
        }
      }
    }
  }
  return output;
}

}  // namespace

void check_reduction(const LayerShape& shape, const std::string& where) {
  if (shape.reduction() > greatest_reduction) {
    throw Error(where, fmt::format("dot products of {} elements", shape.reduction()),
                fmt::format("at most {}", greatest_reduction));
  }
}

std::vector<float> convolve(const LayerShape& s, const Filters& filters, const std::vector<float>& input) {
  return sums_of<float>(s, filters, input);
}

std::vector<double> convolve_integers(const LayerShape& s, const Filters& filters,
                                      const std::vector<float>& input) {
  return sums_of<double>(s, filters, input);
}

}  // namespace basil::onnx_import
