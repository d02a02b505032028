#include "traces/onnx/graph/element_type.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace basil::onnx_import {
namespace {

struct Entry {
  ElementType type;
  int number;  // TensorProto.DataType
  const char* name;
  int bits;
  bool real, is_signed;
};

constexpr Entry entries[] = {
    {ElementType::float32, 1, "float", 32, true, true},
    {ElementType::float64, 11, "double", 64, true, true},
    {ElementType::float16, 10, "float16", 16, true, true},
    {ElementType::bfloat16, 16, "bfloat16", 16, true, true},
    {ElementType::boolean, 9, "bool", 1, false, false},
    {ElementType::int4, 22, "int4", 4, false, true},
    {ElementType::uint4, 21, "uint4", 4, false, false},
    {ElementType::int8, 3, "int8", 8, false, true},
    {ElementType::uint8, 2, "uint8", 8, false, false},
    {ElementType::int16, 5, "int16", 16, false, true},
    {ElementType::uint16, 4, "uint16", 16, false, false},
    {ElementType::int32, 6, "int32", 32, false, true},
    {ElementType::uint32, 12, "uint32", 32, false, false},
    {ElementType::int64, 7, "int64", 64, false, true},
    {ElementType::uint64, 13, "uint64", 64, false, false},
};

const Entry& entry_of(ElementType type) { return entries[static_cast<std::size_t>(type)]; }

}  // namespace

const char* type_name(ElementType type) { return entry_of(type).name; }

std::optional<ElementType> element_type(std::int64_t number) {
  for (const Entry& entry : entries) {
    if (entry.number == number) return entry.type;
  }
  return {};
}

bool is_real(ElementType type) { return entry_of(type).real; }
int bits_of(ElementType type) { return entry_of(type).bits; }

std::int64_t least_of(ElementType type) {
  const Entry& entry = entry_of(type);
  if (!entry.is_signed) return 0;
  return entry.bits == 64 ? std::numeric_limits<std::int64_t>::min() : -(std::int64_t{1} << (entry.bits - 1));
}

std::int64_t most_of(ElementType type) {
  const Entry& entry = entry_of(type);
  if (entry.bits == 64) return std::numeric_limits<std::int64_t>::max();
  return (std::int64_t{1} << (entry.bits - (entry.is_signed ? 1 : 0))) - 1;
}

std::int64_t saturated(ElementType type, double whole) {
  const std::int64_t least = least_of(type), most = most_of(type);
  if (!(whole > static_cast<double>(least))) return least;
  return whole >= static_cast<double>(most) ? most : static_cast<std::int64_t>(whole);
}

std::int64_t wrapped(ElementType type, std::int64_t value) {
  const Entry& entry = entry_of(type);
  if (entry.type == ElementType::boolean) return value != 0 ? 1 : 0;
  if (entry.bits == 64) return value;
  const int unused = 64 - entry.bits;
  const std::uint64_t high = static_cast<std::uint64_t>(value) << unused;
  return entry.is_signed ? static_cast<std::int64_t>(high) >> unused
                         : static_cast<std::int64_t>(high >> unused);
}

float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                  : std::ldexp(static_cast<float>(fraction | 0x400), exponent - 25);
  if (exponent == 0x1f) magnitude = fraction == 0 ? INFINITY : NAN;
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

float rounded(ElementType type, float value) {
  if (!std::isfinite(value) || value == 0) return value;
  if (type == ElementType::bfloat16) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
  }
  if (type != ElementType::float16) return value;
  // 11 significant bits, and no step below that of subnormals.
  const int exponent = std::max(std::ilogb(value), -14) - 10;
  const float half = std::ldexp(std::nearbyint(std::ldexp(value, -exponent)), exponent);
  return std::abs(half) > 65504.0F ? std::copysign(INFINITY, half) : half;
}

}  // namespace basil::onnx_import
