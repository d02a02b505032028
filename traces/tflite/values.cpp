#include "traces/tflite/values.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/names.h"
#include "traces/tflite/sparse.h"

namespace basil::tflite_import {
namespace {

template <class T>
std::vector<T> elements_as(const Tensor& tensor) {
  std::vector<std::int64_t> places;
  if (tensor.sparsity != nullptr) places = stored_places(*tensor.sparsity, tensor.shape, where_of(tensor));
  const auto count = static_cast<std::size_t>(
      tensor.sparsity != nullptr ? static_cast<std::int64_t>(places.size()) : tensor.elements());
  if (tensor.bytes.size() != count * sizeof(T))
    throw Error(where_of(tensor), fmt::format("{} bytes", tensor.bytes.size()),
                fmt::format("{} of shape {}", count * sizeof(T), shape_text(tensor.shape)));
  std::vector<T> stored(count);
  if (count > 0) std::memcpy(stored.data(), tensor.bytes.data(), count * sizeof(T));
  if (tensor.sparsity == nullptr) return stored;
  std::vector<T> dense(static_cast<std::size_t>(tensor.elements()));
  for (std::size_t i = 0; i < count; ++i) dense[static_cast<std::size_t>(places[i])] = stored[i];
  return dense;
}

template <class To, class From>
std::vector<To> cast_all(const std::vector<From>& from) {
  return std::vector<To>(from.begin(), from.end());
}

float real_of_half(std::uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25));
}

}  // namespace

std::string where_of(const Tensor& tensor) {
  return "tensor " + printable(tensor.name.substr(0, tensor.name.find(';')));
}

std::optional<Dtype> code_dtype(model::TensorType type) {
  switch (type) {
    case model::TensorType_INT8:
      return Dtype::int8;
    case model::TensorType_UINT8:
      return Dtype::uint8;
    case model::TensorType_INT16:
      return Dtype::int16;
    default:
      return {};
  }
}

Value constant(const Tensor& tensor) {
  Value value{.shape = tensor.shape, .codes = {}, .reals = {}};
  switch (tensor.type) {
    case model::TensorType_INT8:
      value.codes = cast_all<std::int16_t>(elements_as<std::int8_t>(tensor));
      return value;
    case model::TensorType_UINT8:
      value.codes = cast_all<std::int16_t>(elements_as<std::uint8_t>(tensor));
      return value;
    case model::TensorType_INT16:
      value.codes = elements_as<std::int16_t>(tensor);
      return value;
    case model::TensorType_FLOAT32:
      value.reals = elements_as<float>(tensor);
      return value;
    case model::TensorType_FLOAT16:
      for (const std::uint16_t half : elements_as<std::uint16_t>(tensor))
        value.reals.push_back(real_of_half(half));
      return value;
    default:
      throw Error(where_of(tensor), "type " + to_string(tensor.type),
                  "int8, uint8, int16, float32 or float16");
  }
}

std::vector<std::int64_t> integers(const Tensor& tensor) {
  if (tensor.type == model::TensorType_INT64) return elements_as<std::int64_t>(tensor);
  if (tensor.type == model::TensorType_INT32)
    return cast_all<std::int64_t>(elements_as<std::int32_t>(tensor));
  throw Error(where_of(tensor), "type " + to_string(tensor.type), "int32 or int64");
}

}  // namespace basil::tflite_import
