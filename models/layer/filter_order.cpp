#include "models/layer/filter_order.h"

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

// Codes of each filter follow one another.
Operand permuted_terms(const Operand& weights, std::span<const int> order) {
  Operand to = weights;
  to.terms = permuted(weights.terms, order);
  to.scales = permuted(weights.scales, order);
  const std::int64_t plane = weights.extent.positions() / weights.extent.outer;
  std::vector<std::int64_t> start{0};
  for (const std::uint8_t terms : weights.terms) start.push_back(start.back() + terms * plane);
  to.values.clear();
  for (const int k : order) {
    to.values.insert(to.values.end(), weights.values.begin() + start[static_cast<std::size_t>(k)],
                     weights.values.begin() + start[static_cast<std::size_t>(k) + 1]);
  }
  return to;
}

Operand permuted_filters(const Operand& weights, std::span<const int> order) {
  const auto filter = static_cast<std::size_t>(weights.extent.positions() / weights.extent.outer);
  const std::vector<std::int16_t> dense = decode(weights);
  std::vector<std::int16_t> to;
  for (const int k : order) {
    const auto first = dense.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(k) * filter);
    to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(filter));
  }
  return encode(weights.encoding, weights.dtype, weights.extent, std::move(to),
                permuted(weights.scales, order), weights.run_bits);
}

}  // namespace

Layer with_filter_order(const Layer& layer, std::span<const int> order) {
  Layer to = layer;
  to.weights = layer.weights.encoding == Encoding::power_of_two ? permuted_terms(layer.weights, order)
                                                                : permuted_filters(layer.weights, order);
  to.bias = permuted(layer.bias, order);
  return to;
}

Ofmap restore_order(const Ofmap& sums, std::span<const int> order) {
  Ofmap to = sums;
  to.sums = restored(sums.sums, order);
  return to;
}

}  // namespace basil
