#include "traces/pieces/filter_range.h"

#include "traces/encodings/channel_range.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

template <class T>
std::vector<T> stretch(const std::vector<T>& from, std::int64_t first, std::int64_t end) {
  return {from.begin() + first, from.begin() + end};
}

std::vector<std::uint64_t> bit_stretch(const std::vector<std::uint64_t>& from, std::int64_t first,
                                       std::int64_t end) {
  std::vector<std::uint64_t> to(bitmap::words(end - first));
  for (std::int64_t i = first; i < end; ++i) {
    const std::uint64_t bit = from[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1U;
    to[static_cast<std::size_t>((i - first) / 64)] |= bit << ((i - first) % 64);
  }
  return to;
}

// The parts that lie filter by filter.
void cut_parts(const Operand& weights, int first, int end, Operand& to) {
  const Extent& e = weights.extent;
  const std::int64_t filter = weights.extent.positions() / e.outer;
  switch (weights.encoding) {
    case Encoding::power_of_two: {
      const std::vector<std::int64_t> starts = power_of_two::starts(weights);
      to.terms = stretch(weights.terms, first, end);
      to.values = stretch(weights.values, starts[static_cast<std::size_t>(first)],
                          starts[static_cast<std::size_t>(end)]);
      break;
    }
    case Encoding::basis: {
      const std::int64_t map = std::int64_t{weights.bases} * e.depth;
      to.bitmap = bit_stretch(weights.bitmap, first * map, end * map);
      to.signs = bit_stretch(weights.signs, bitmap::set_before(weights.bitmap, first * map),
                             bitmap::set_before(weights.bitmap, end * map));
      break;
    }
    case Encoding::comparator:
      to.values = stretch(weights.values, std::int64_t{first} * e.depth, std::int64_t{end} * e.depth);
      break;
    case Encoding::binary:
      to.bitmap = bit_stretch(weights.bitmap, first * filter, end * filter);
      break;
    default:
      break;
  }
}

// What stands at the filters' places, whatever else there is.
template <class T>
std::vector<T> words_of(const Operand& weights, std::int64_t first, std::int64_t count) {
  std::vector<T> words(static_cast<std::size_t>(count));
  SliceReader(weights).read(first, count, words.data());
  return words;
}

}  // namespace

Operand filters_of(const Operand& weights, int first, int end) {
  Extent extent = weights.extent;
  const std::int64_t filter = extent.positions() / extent.outer;
  extent.outer = end - first;
  std::vector<float> scales = weights.scales;
  if (scales.size() > 1) scales = stretch(scales, first, end);
  if (weights.is_real()) {
    return encode_real(weights.encoding, extent, words_of<float>(weights, first * filter, extent.positions()),
                       weights.run_bits);
  }
  if (!only_weights(weights.encoding)) {
    return encode(weights.encoding, weights.dtype, extent,
                  words_of<std::int16_t>(weights, first * filter, extent.positions()), std::move(scales),
                  weights.run_bits);
  }
  Operand to = weights;
  to.extent = extent;
  to.scales = std::move(scales);
  cut_parts(weights, first, end, to);
  return to;
}

Layer with_filters(const Layer& layer, int first, int end) {
  Layer part = layer;
  const int filters = layer.shape.filters_per_group(), depth = layer.shape.channels_per_group();
  part.shape.K = end - first;
  part.weights = filters_of(layer.weights, first, end);
  if (layer.shape.groups > 1) {
    const int first_group = first / filters, end_group = end / filters;
    part.shape.groups = end_group - first_group;
    part.shape.C = part.shape.groups * depth;
    part.ifmap = with_channels(layer.ifmap, {first_group * depth, end_group * depth});
  }
  if (!layer.bias.empty()) part.bias = stretch(layer.bias, first, end);
  if (!layer.bias_real.empty()) part.bias_real = stretch(layer.bias_real, first, end);
  return part;
}

}  // namespace basil
