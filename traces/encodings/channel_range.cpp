#include "traces/encodings/channel_range.h"

#include "traces/encodings/encodings.h"

namespace basil {
namespace {

// Of values that lie `depth` by `depth`, channels innermost.
template <class T>
std::vector<T> depth_stretch(const std::vector<T>& from, int depth, Range channels) {
  std::vector<T> to;
  to.reserve(from.size() / static_cast<std::size_t>(depth) * static_cast<std::size_t>(channels.size()));
  for (auto place = from.begin(); place != from.end(); place += depth)
    to.insert(to.end(), place + channels.first, place + channels.end);
  return to;
}

// Coefficients as bits: which are not zero, and of these which are -1.
void put_coefficients(const std::vector<std::int16_t>& coefficients, Operand& to) {
  to.bitmap.assign(bitmap::words(static_cast<std::int64_t>(coefficients.size())), 0);
  std::vector<bool> negative;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    if (coefficients[i] == 0) continue;
    to.bitmap[i / 64] |= std::uint64_t{1} << (i % 64);
    negative.push_back(coefficients[i] < 0);
  }
  to.signs.assign(bitmap::words(static_cast<std::int64_t>(negative.size())), 0);
  for (std::size_t i = 0; i < negative.size(); ++i)
    to.signs[i / 64] |= std::uint64_t{negative[i] ? 1U : 0U} << (i % 64);
}

std::vector<std::uint64_t> bits_of_channels(const Operand& from, Range channels) {
  const std::int64_t places = from.extent.positions() / from.extent.depth;
  std::vector<std::uint64_t> to(bitmap::words(places * channels.size()));
  std::int64_t at = 0;
  for (std::int64_t place = 0; place < places; ++place) {
    for (int c = channels.first; c < channels.end; ++c, ++at) {
      const std::int64_t i = place * from.extent.depth + c;
      const std::uint64_t bit = from.bitmap[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1U;
      to[static_cast<std::size_t>(at / 64)] |= bit << (at % 64);
    }
  }
  return to;
}

void cut_parts(const Operand& weights, Range channels, Operand& to) {
  const int depth = weights.extent.depth;
  switch (weights.encoding) {
    case Encoding::power_of_two:
      to.values = depth_stretch(weights.values, depth, channels);
      break;
    case Encoding::basis:
      put_coefficients(depth_stretch(basis::coefficients(weights), depth, channels), to);
      break;
    case Encoding::comparator:
      to.values = depth_stretch(weights.values, depth, channels);
      to.offsets = depth_stretch(weights.offsets, depth * (weights.taps + 1),
                                 {channels.first * (weights.taps + 1), channels.end * (weights.taps + 1)});
      break;
    case Encoding::binary:
      to.bitmap = bits_of_channels(weights, channels);
      to.values = depth_stretch(weights.values, depth, channels);
      break;
    default:
      break;
  }
}

}  // namespace

Operand with_channels(const Operand& operand, Range channels) {
  Extent extent = operand.extent;
  extent.depth = channels.size();
  if (operand.is_real()) {
    return encode_real(operand.encoding, extent,
                       depth_stretch(decode_real(operand), operand.extent.depth, channels), operand.run_bits);
  }
  if (!only_weights(operand.encoding)) {
    return encode(operand.encoding, operand.dtype, extent,
                  depth_stretch(decode(operand), operand.extent.depth, channels), operand.scales,
                  operand.run_bits);
  }
  Operand to = operand;
  to.extent = extent;
  cut_parts(operand, channels, to);
  return to;
}

}  // namespace basil
