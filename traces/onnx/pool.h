// Pooling in floating point.
#pragma once

#include <vector>

#include "traces/onnx/graph/call.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {

// MaxPool, AveragePool, their Global forms, and a ReduceMean over all axes behind the channels of (N, C, W)
// or (N, C, H, W). (Other ReduceMeans are none.)
[[nodiscard]] bool is_pool(const Call& call);

// `axes`: pool_axes() of the node. Throws Error for a MaxPool window that lies in the padding alone.
[[nodiscard]] Tensor pool(const Call& call, const std::vector<SlidingAxis>& axes);

}  // namespace basil::onnx_import
