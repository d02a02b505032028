#include "traces/network/axes.h"

#include <algorithm>

#include "core/error.h"

namespace basil {

std::vector<std::int64_t> weight_lengths(const LayerShape& shape, const std::string& axes) {
  std::vector<std::int64_t> lengths;
  for (const char axis : axes)
    lengths.push_back(axis == 'K'   ? shape.K
                      : axis == 'R' ? shape.R
                      : axis == 'S' ? shape.S
                                    : shape.channels_per_group());
  return lengths;
}

std::vector<std::int64_t> ifmap_lengths(const LayerShape& shape, const std::string& axes) {
  std::vector<std::int64_t> lengths;
  for (const char axis : axes)
    lengths.push_back(axis == 'N' ? shape.N : axis == 'H' ? shape.H : axis == 'W' ? shape.W : shape.C);
  return lengths;
}

void check_axes(const std::string& axes, const std::string& all, const std::string& where) {
  if (std::ranges::is_permutation(axes, all)) return;
  throw Error(where, "'" + axes + "'", "the letters " + all + " in the order of the array's axes");
}

}  // namespace basil
