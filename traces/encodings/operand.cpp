#include "traces/encodings/operand.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <type_traits>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/names.h"
#include "traces/encodings/slice.h"

namespace basil {

int bits_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::int4:
      return 4;
    case Dtype::int8:
    case Dtype::uint8:
      return 8;
    case Dtype::int16:
      return 16;
    case Dtype::fp32:
      return 32;
  }
  return 0;
}

std::int32_t lowest(Dtype dtype) {
  if (dtype == Dtype::fp32 || dtype == Dtype::uint8) return 0;
  return -(std::int32_t{1} << (bits_of(dtype) - 1));
}

std::int32_t highest(Dtype dtype) {
  if (dtype == Dtype::fp32) return 0;
  if (dtype == Dtype::uint8) return 255;
  return (std::int32_t{1} << (bits_of(dtype) - 1)) - 1;
}

namespace {

template <class T>
std::vector<T> pack(std::vector<T> dense, Operand& to) {
  if (static_cast<std::int64_t>(dense.size()) != to.extent.positions()) {
    throw Error("encode", fmt::format("{} values", dense.size()),
                fmt::format("{}, as many as the extent has positions", to.extent.positions()));
  }
  switch (to.encoding) {
    case Encoding::dense:
      return dense;
    case Encoding::bitmap:
      return bitmap::pack(dense, to);
    case Encoding::run_length:
      return run_length::pack(dense, to);
    default:
      throw Error("encode", std::string(to_string(to.encoding)),
                  "dense, bitmap or run_length: others are fitted by a recipe");
  }
}

template <class T>
std::vector<T> unpack(const Operand& operand) {
  if (operand.encoding == Encoding::dense) return payload_of<T>(operand);
  std::vector<T> dense(static_cast<std::size_t>(operand.extent.positions()));
  if (operand.encoding == Encoding::bitmap) bitmap::unpack(operand, dense);
  if (operand.encoding == Encoding::run_length) run_length::unpack(operand, dense);
  if constexpr (std::is_same_v<T, std::int16_t>) {
    if (operand.encoding == Encoding::power_of_two) power_of_two::unpack(operand, dense);
    if (operand.encoding == Encoding::basis) basis::unpack(operand, dense);
    if (operand.encoding == Encoding::comparator) comparator::unpack(operand, dense);
    if (operand.encoding == Encoding::binary) binary::unpack(operand, dense);
  }
  return dense;
}

Operand empty_operand(Encoding encoding, Dtype dtype, const Extent& extent, int run_bits) {
  Operand operand;
  operand.encoding = encoding;
  operand.dtype = dtype;
  operand.extent = extent;
  operand.run_bits = run_bits;
  return operand;
}

}  // namespace

Operand encode(Encoding encoding, Dtype dtype, const Extent& extent, std::vector<std::int16_t> dense,
               std::vector<float> scales, int run_bits) {
  Operand operand = empty_operand(encoding, dtype, extent, run_bits);
  operand.scales = std::move(scales);
  operand.values = pack(std::move(dense), operand);
  return operand;
}

Operand encode_real(Encoding encoding, const Extent& extent, std::vector<float> dense, int run_bits) {
  Operand operand = empty_operand(encoding, Dtype::fp32, extent, run_bits);
  operand.reals = pack(std::move(dense), operand);
  return operand;
}

std::vector<std::int16_t> decode(const Operand& operand) { return unpack<std::int16_t>(operand); }

std::vector<float> decode_real(const Operand& operand) { return unpack<float>(operand); }

Operand re_encode(const Operand& operand, Encoding encoding) {
  if (operand.encoding == encoding) return operand;
  if (!operand.is_real()) {
    return encode(encoding, operand.dtype, operand.extent, decode(operand), operand.scales, operand.run_bits);
  }
  Operand real = encode_real(encoding, operand.extent, decode_real(operand), operand.run_bits);
  real.scales = operand.scales;
  return real;
}

bool only_weights(Encoding encoding) {
  return encoding != Encoding::dense && encoding != Encoding::bitmap && encoding != Encoding::run_length;
}

int decoded_bits(const Operand& operand) {
  return only_weights(operand.encoding) ? 8 : bits_of(operand.dtype);
}

std::int64_t weights_held(const Operand& operand) {
  if (operand.encoding == Encoding::basis) return basis::coefficient_count(operand);
  if (operand.encoding == Encoding::comparator)
    return std::int64_t{operand.extent.outer} * operand.extent.depth;
  return operand.extent.positions();
}

std::int64_t nonzeros(const Operand& operand) {
  if (operand.encoding == Encoding::basis) {
    return std::accumulate(operand.bitmap.begin(), operand.bitmap.end(), std::int64_t{0},
                           [](std::int64_t sum, std::uint64_t word) { return sum + std::popcount(word); });
  }
  if (only_weights(operand.encoding)) {
    const std::vector<std::int16_t> dense = decode(operand);
    return static_cast<std::int64_t>(dense.size()) - std::count(dense.begin(), dense.end(), 0);
  }
  if (operand.is_real()) {
    return std::count_if(operand.reals.begin(), operand.reals.end(), [](float x) { return x != 0.0F; });
  }
  return std::count_if(operand.values.begin(), operand.values.end(), [](std::int16_t x) { return x != 0; });
}

std::int64_t encoded_bits(const Operand& operand) {
  const std::int64_t payload_bits = payload_size(operand) * bits_of(operand.dtype);
  switch (operand.encoding) {
    case Encoding::dense:
      return payload_bits;
    case Encoding::bitmap:
      return payload_bits + operand.extent.positions();
    case Encoding::run_length:
      return payload_bits + payload_size(operand) * operand.run_bits;
    default:
      return filter_bits(operand, 0, operand.extent.outer);
  }
}

std::int64_t filter_bits(const Operand& operand, int first, int end) {
  switch (operand.encoding) {
    case Encoding::power_of_two:
      return power_of_two::bits_before(operand, end) - power_of_two::bits_before(operand, first);
    case Encoding::basis:
      return basis::bits_before(operand, end) - basis::bits_before(operand, first);
    case Encoding::comparator:
      return comparator::bits_before(operand, end) - comparator::bits_before(operand, first);
    case Encoding::binary:
      return binary::bits_before(operand, end) - binary::bits_before(operand, first);
    default: {
      const std::int64_t filter = operand.extent.positions() / operand.extent.outer;
      return SliceReader(operand).encoded_bits(first * filter, (end - first) * filter);
    }
  }
}

}  // namespace basil
