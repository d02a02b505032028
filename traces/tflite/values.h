// What a tensor holds while the graph runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/encodings/dtype.h"
#include "traces/tflite/graph.h"

namespace basil::tflite_import {

// Codes of a quantised tensor, or real numbers; in the order of its axes, the last fastest.
struct Value {
  Axes shape;
  std::vector<std::int16_t> codes;
  std::vector<float> reals;

  [[nodiscard]] bool is_real() const { return codes.empty(); }
};

// Of a tensor of codes; none for other types.
[[nodiscard]] std::optional<Dtype> code_dtype(model::TensorType type);

// A constant's elements. Throws Error for a type that is neither codes nor float32 or float16, and for bytes
// that are not as many as the shape says.
[[nodiscard]] Value constant(const Tensor& tensor);
// Of INT32 and INT64 constants: biases, axes.
[[nodiscard]] std::vector<std::int64_t> integers(const Tensor& tensor);

// What messages call it.
[[nodiscard]] std::string where_of(const Tensor& tensor);

}  // namespace basil::tflite_import
