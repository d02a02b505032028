// Pooling in floating point.
#pragma once

#include <set>
#include <string>

#include "traces/onnx/call.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {

// MaxPool, AveragePool, their Global forms, and ReduceMean over all rows and columns.
[[nodiscard]] const std::set<std::string>& pool_operators();

// The window must have passed check_shape. Throws Error for a MaxPool window that lies in the padding alone,
// and for a ReduceMean over other axes.
[[nodiscard]] Tensor pool(const Call& call, const Window& window);

}  // namespace basil::onnx_import
