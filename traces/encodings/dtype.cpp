#include "traces/encodings/dtype.h"

#include <fmt/format.h>

#include <optional>

#include "core/words.h"

namespace basil {
namespace {

constexpr Words<Dtype, 24> dtypes = {
    {{Dtype::int2, "int2"},   {Dtype::int3, "int3"},   {Dtype::int4, "int4"},   {Dtype::int5, "int5"},
     {Dtype::int6, "int6"},   {Dtype::int7, "int7"},   {Dtype::int8, "int8"},   {Dtype::int9, "int9"},
     {Dtype::int10, "int10"}, {Dtype::int11, "int11"}, {Dtype::int12, "int12"}, {Dtype::int13, "int13"},
     {Dtype::int14, "int14"}, {Dtype::int15, "int15"}, {Dtype::int16, "int16"}, {Dtype::uint1, "uint1"},
     {Dtype::uint2, "uint2"}, {Dtype::uint3, "uint3"}, {Dtype::uint4, "uint4"}, {Dtype::uint5, "uint5"},
     {Dtype::uint6, "uint6"}, {Dtype::uint7, "uint7"}, {Dtype::uint8, "uint8"}, {Dtype::fp32, "fp32"}}};

bool is_unsigned(Dtype dtype) { return dtype >= Dtype::uint1 && dtype <= Dtype::uint8; }

}  // namespace

int bits_of(Dtype dtype) {
  if (dtype == Dtype::fp32) return 32;
  const Dtype first = is_unsigned(dtype) ? Dtype::uint1 : Dtype::int2;
  return static_cast<int>(dtype) - static_cast<int>(first) + (is_unsigned(dtype) ? 1 : 2);
}

std::int32_t lowest(Dtype dtype) {
  if (dtype == Dtype::fp32 || is_unsigned(dtype)) return 0;
  return -(std::int32_t{1} << (bits_of(dtype) - 1));
}

std::int32_t highest(Dtype dtype) {
  if (dtype == Dtype::fp32) return 0;
  if (is_unsigned(dtype)) return (std::int32_t{1} << bits_of(dtype)) - 1;
  return (std::int32_t{1} << (bits_of(dtype) - 1)) - 1;
}

Dtype narrowest(std::int32_t least, std::int32_t greatest, const std::string& where) {
  std::optional<Dtype> best;
  for (const auto& [dtype, word] : dtypes) {
    if (dtype == Dtype::fp32 || lowest(dtype) > least || highest(dtype) < greatest) continue;
    if (!best || bits_of(dtype) < bits_of(*best)) best = dtype;
  }
  if (!best)
    throw Error(where, fmt::format("integers from {} to {}", least, greatest), "such as 16 bits hold");
  return *best;
}

std::string_view to_string(Dtype dtype) { return word_of(dtypes, dtype); }

Dtype parse_dtype(const std::string& word, const std::string& where) {
  return parse_word(dtypes, word, where);
}

}  // namespace basil
