// What becomes of a layer's sums before they leave the chip.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/encodings/dtype.h"

namespace basil {

// How a sum turns into a step of the output's scale; a the ifmap's scale, w the filter's, s the output's.
//   real    rint(sum * (a w / s)), in double, halves to even
//   onnx    rint(sum * (a w / s)), every operand and product rounded to fp32: QLinearConv of ONNX Runtime
//   tflite  by FixedPoint factors: the reference kernels of TensorFlow Lite
enum class RequantisationRule { real, onnx, tflite };
[[nodiscard]] std::string_view to_string(RequantisationRule rule);
// Error at `where` for another word.
[[nodiscard]] RequantisationRule parse_rule(const std::string& word, const std::string& where);

// multiplier * 2^(shift - 31), the multiplier 0 or 2^30 to 2^31 - 1.
struct FixedPoint {
  std::int32_t multiplier = 0;
  int shift = 0;  // -31 to 30

  friend bool operator==(const FixedPoint&, const FixedPoint&) = default;
};

// What codes are confined to, both included.
struct CodeRange {
  std::int32_t least, greatest;

  friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

// A code is the rule's step plus the zero point, clamped: it stands for (code - zero point) * scale.
struct Requantisation {
  Dtype dtype = Dtype::int8;
  float scale = 1.0F;
  bool relu = false;  // nothing below the zero point
  std::int32_t zero_point = 0;
  RequantisationRule rule = RequantisationRule::real;
  std::vector<FixedPoint> factors = {};  // of tflite: one for all, or one a filter
  std::optional<CodeRange> clamp = {};   // where an activation leaves less than the dtype holds

  // What a code may be.
  [[nodiscard]] CodeRange codes() const;
  // Of these filters, in this order.
  [[nodiscard]] Requantisation of_filters(std::span<const int> filters) const;
  [[nodiscard]] Requantisation of_filters(int first, int end) const;

  friend bool operator==(const Requantisation&, const Requantisation&) = default;
};

// Errors at `where` + field: a zero point or a clamp outside the dtype, factors that the rule has no use for,
// or not as many as filters, or outside what FixedPoint says.
void check(const Requantisation& output, int filters, const std::string& where);

}  // namespace basil
