#include "models/layer/block_sums.h"

#include <algorithm>

namespace basil {
namespace {

template <class Sum>
void put(const Ofmap& layer, std::vector<Sum>& to, const std::vector<Sum>& from, const LayerBox& box) {
  auto sum = from.begin();
  const int count = box.filters.size();
  for (int n = box.images.first; n < box.images.end; ++n) {
    for (int p = box.rows.first; p < box.rows.end; ++p) {
      for (int q = box.columns.first; q < box.columns.end; ++q, sum += count) {
        std::copy_n(sum, count,
                    to.begin() + static_cast<std::ptrdiff_t>(layer.at(n, p, q, box.filters.first)));
      }
    }
  }
}

}  // namespace

Ofmap blank_sums(const Layer& layer) {
  Ofmap sums{.N = layer.shape.N,
             .P = layer.shape.P(),
             .Q = layer.shape.Q(),
             .K = layer.shape.K,
             .sums = {},
             .reals = {}};
  const std::size_t count = sums.at(sums.N, 0, 0, 0);
  if (layer.weights.is_real()) {
    sums.reals.assign(count, std::numeric_limits<double>::quiet_NaN());
  } else {
    sums.sums.assign(count, no_sum);
  }
  return sums;
}

void put_sums(Ofmap& layer, const Ofmap& box_sums, const LayerBox& box) {
  if (box_sums.reals.empty()) {
    put(layer, layer.sums, box_sums.sums, box);
  } else {
    put(layer, layer.reals, box_sums.reals, box);
  }
}

std::size_t place_in_layer(const Ofmap& layer, const LayerBox& box, std::size_t in_box) {
  auto left = static_cast<int>(in_box);
  const auto along = [&left](const Range& axis) {
    const int at = axis.first + left % axis.size();
    left /= axis.size();
    return at;
  };
  const int k = along(box.filters), q = along(box.columns), p = along(box.rows);
  return layer.at(box.images.first + left, p, q, k);
}

}  // namespace basil
