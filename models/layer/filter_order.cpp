#include "models/layer/filter_order.h"

#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {
namespace {

template <class T>
std::vector<T> permuted(const std::vector<T>& from, std::span<const int> order) {
  if (from.size() != order.size()) return from;  // one for all filters, or none
  std::vector<T> to;
  for (const int k : order) to.push_back(from[static_cast<std::size_t>(k)]);
  return to;
}

template <class T>
std::vector<T> restored(const std::vector<T>& sums, std::span<const int> order) {
  std::vector<T> to(sums.size());
  for (std::size_t pixel = 0; pixel < sums.size(); pixel += order.size()) {
    for (std::size_t i = 0; i < order.size(); ++i)
      to[pixel + static_cast<std::size_t>(order[i])] = sums[pixel + i];
  }
  return to;
}

}  // namespace

Layer with_filter_order(const Layer& layer, std::span<const int> order) {
  Layer to = layer;
  to.weights = take_filters(layer.weights, order);
  to.bias = permuted(layer.bias, order);
  to.output = layer.output.of_filters(order);
  return to;
}

Ofmap restore_order(const Ofmap& sums, std::span<const int> order) {
  Ofmap to = sums;
  to.sums = restored(sums.sums, order);
  return to;
}

}  // namespace basil
