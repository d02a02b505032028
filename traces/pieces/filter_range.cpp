#include "traces/pieces/filter_range.h"

#include <numeric>

#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {
namespace {

template <class T>
std::vector<T> stretch(const std::vector<T>& from, std::int64_t first, std::int64_t end) {
  return {from.begin() + first, from.begin() + end};
}

}  // namespace

Operand filters_of(const Operand& weights, int first, int end) {
  std::vector<int> filters(static_cast<std::size_t>(end - first));
  std::iota(filters.begin(), filters.end(), first);
  return take_filters(weights, filters);
}

Layer with_filters(const Layer& layer, int first, int end) {
  Layer part = layer;
  const int filters = layer.shape.filters_per_group(), depth = layer.shape.channels_per_group();
  part.shape.K = end - first;
  part.weights = filters_of(layer.weights, first, end);
  part.output = layer.output.of_filters(first, end);
  if (layer.shape.groups > 1) {
    const int first_group = first / filters, end_group = end / filters;
    part.shape.groups = end_group - first_group;
    part.shape.C = part.shape.groups * depth;
    part.ifmap = take_channels(layer.ifmap, {first_group * depth, end_group * depth});
  }
  if (!layer.bias.empty()) part.bias = stretch(layer.bias, first, end);
  if (!layer.bias_real.empty()) part.bias_real = stretch(layer.bias_real, first, end);
  return part;
}

}  // namespace basil
