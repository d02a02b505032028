#include "traces/encodings/pieces.h"

#include <utility>

#include "traces/encodings/encode.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

std::int64_t filter_of(const Operand& operand) { return operand.extent.positions() / operand.extent.outer; }

// A piece in the operand's encoding, of values decoded.
Operand encoded(const Operand& whole, const Extent& extent, std::vector<std::int16_t> values) {
  Operand piece =
      encode(whole.encoding, whole.dtype, extent, std::move(values), whole.scales, settings_of(whole));
  piece.codes = whole.codes;
  return piece;
}
Operand encoded(const Operand& whole, const Extent& extent, std::vector<float> reals) {
  Operand piece = encode_real(whole.encoding, extent, std::move(reals), settings_of(whole));
  piece.scales = whole.scales;
  return piece;
}

// Whatever else there is stays undecoded.
template <class T>
std::vector<T> read_filters(const Operand& operand, std::span<const int> filters) {
  const SliceReader reader(operand);
  std::vector<T> dense(static_cast<std::size_t>(filter_of(operand)) * filters.size());
  T* out = dense.data();
  for (const int k : filters) {
    reader.read(k * filter_of(operand), filter_of(operand), out);
    out += filter_of(operand);
  }
  return dense;
}

}  // namespace

Operand take_filters(const Operand& operand, std::span<const int> filters) {
  Extent extent = operand.extent;
  extent.outer = static_cast<int>(filters.size());
  const auto take = operand.encoding->take_filters;
  Operand to = take != nullptr     ? operand
               : operand.is_real() ? encoded(operand, extent, read_filters<float>(operand, filters))
                                   : encoded(operand, extent, read_filters<std::int16_t>(operand, filters));
  to.extent = extent;
  if (operand.scales.size() > 1) to.scales = chosen(operand.scales, 1, filters);
  if (operand.codes && operand.codes->zero_points.size() > 1)
    to.codes->zero_points = chosen(operand.codes->zero_points, 1, filters);
  if (take != nullptr) take(operand, filters, to);
  return to;
}

Operand take_channels(const Operand& operand, Range channels) {
  const int depth = operand.extent.depth;
  Extent extent = operand.extent;
  extent.depth = channels.size();
  if (operand.encoding->take_channels != nullptr) {
    Operand to = operand;
    to.extent = extent;
    operand.encoding->take_channels(operand, channels, to);
    return to;
  }
  return operand.is_real() ? encoded(operand, extent, stretches(decode_real(operand), depth, channels))
                           : encoded(operand, extent, stretches(decode(operand), depth, channels));
}

Operand shuffled_operand(const Operand& operand, RandomStream& random) {
  if (operand.encoding->shuffle != nullptr) {
    Operand to = operand;
    operand.encoding->shuffle(to, random);
    return to;
  }
  return operand.is_real() ? encoded(operand, operand.extent, shuffled(decode_real(operand), random))
                           : encoded(operand, operand.extent, shuffled(decode(operand), random));
}

std::int64_t filter_bits(const Operand& operand, int first, int end) {
  if (const auto before = operand.encoding->bits_before) return before(operand, end) - before(operand, first);
  return SliceReader(operand).encoded_bits(first * filter_of(operand), (end - first) * filter_of(operand));
}

}  // namespace basil
