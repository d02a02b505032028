// From one element type to another.
#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// Reals to integers are cut towards 0; out of range, they saturate, while integers lose their high bits.
Tensor converted(const Tensor& in, ElementType type) {
  const auto element = [type](auto value) {
    if constexpr (std::is_same_v<decltype(value), float>) {
      if (type == ElementType::boolean) return std::int64_t{value != 0};
      return saturated(type, std::trunc(static_cast<double>(value)));
    } else {
      return wrapped(type, value);
    }
  };
  return std::visit(
      [&](const auto& list) -> Tensor {
        Tensor out{.shape = in.shape, .elements = {}, .type = type};
        if (is_real(type)) {
          std::vector<float> reals;
          reals.reserve(list.size());
          for (const auto value : list) reals.push_back(rounded(type, static_cast<float>(value)));
          out.elements = std::move(reals);
          if (in.real() && type == ElementType::float32) out.grid = in.grid;
        } else {
          std::vector<std::int64_t> integers;
          integers.reserve(list.size());
          for (const auto value : list) integers.push_back(element(value));
          out.elements = std::move(integers);
        }
        return out;
      },
      in.elements);
}

Tensor cast(const Call& call) {
  const std::int64_t number = call.node().integer("to", 0);
  const auto type = element_type(number);
  if (!type) throw Error(call.where() + ": to", fmt::format("data type {}", number), "a type of numbers");
  return converted(call[0], *type);
}

Tensor cast_like(const Call& call) { return converted(call[0], call[1].type); }

Tensor eye_like(const Call& call) {
  if (call[0].shape.size() != 2) throw Error(call.where(), "no matrix", "two axes");
  const std::int64_t k = call.node().integer("k", 0), number = call.node().integer("dtype", 0);
  const ElementType type = element_type(number).value_or(call[0].type);
  Tensor out{.shape = call[0].shape,
             .elements = std::vector<std::int64_t>(static_cast<std::size_t>(call[0].size()))};
  auto& values = std::get<std::vector<std::int64_t>>(out.elements);
  const std::int64_t rows = out.shape[0], columns = out.shape[1];
  for (std::int64_t row = 0; row < rows; ++row) {
    if (k >= -row && k < columns - row) values[static_cast<std::size_t>(row * columns + row + k)] = 1;
  }
  return converted(out, type);
}

}  // namespace

const Operators& cast_operators() {
  static const Operators table{{"Cast", cast}, {"CastLike", cast_like}, {"EyeLike", eye_like}};
  return table;
}

}  // namespace basil::onnx_import
