// Integers from reals and reals from integers, as ONNX says: divided by the scale, rounded half to even, the
// zero point added, saturated.
#pragma once

#include <string>

#include "traces/onnx/graph/call.h"

namespace basil::onnx_import {

// `zero` null: a zero point of 0, of `type`. Scale and zero point hold one number, or one for each index of
// `axis`, or of each `block` of them where block > 0. Throws Error "WHERE: ..." for others.
[[nodiscard]] Tensor quantised(const Tensor& in, const Tensor& scale, const Tensor* zero, ElementType type,
                               std::int64_t axis, std::int64_t block, const std::string& where);
// The reals know the integers that they were (Tensor::grid), but for blocks.
[[nodiscard]] Tensor dequantised(const Tensor& in, const Tensor& scale, const Tensor* zero, std::int64_t axis,
                                 std::int64_t block, const std::string& where);

}  // namespace basil::onnx_import
