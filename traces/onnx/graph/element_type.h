// The types that elements of ONNX tensors have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace basil::onnx_import {

enum class ElementType : std::uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  boolean,
  int4,
  uint4,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64
};

// What ONNX calls it, "int8"; its number in TensorProto.DataType, none for a type that Basil does not know.
[[nodiscard]] const char* type_name(ElementType type);
[[nodiscard]] std::optional<ElementType> element_type(std::int64_t number);

[[nodiscard]] bool is_real(ElementType type);
[[nodiscard]] int bits_of(ElementType type);
// The range of an integer type (of uint64 the part that an int64 holds).
[[nodiscard]] std::int64_t least_of(ElementType type);
[[nodiscard]] std::int64_t most_of(ElementType type);

// The nearest integer of the type to a whole number; the least to NaN.
[[nodiscard]] std::int64_t saturated(ElementType type, double whole);
// The low bits as the type reads them, as arithmetic overflows in hardware.
[[nodiscard]] std::int64_t wrapped(ElementType type, std::int64_t value);
// A float as a real type of fewer bits holds it: half precision and bfloat16 round to even.
[[nodiscard]] float rounded(ElementType type, float value);

// IEEE half precision, subnormals, infinities and NaN included; bfloat16.
[[nodiscard]] float from_half(std::uint16_t bits);
[[nodiscard]] float from_bfloat(std::uint16_t bits);

}  // namespace basil::onnx_import
