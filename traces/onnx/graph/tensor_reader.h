// A tensor of a protobuf message. Only what reads models includes this.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

#include "traces/onnx/graph/tensor.h"

namespace basil::onnx_import {

// Elements as packed bytes, as one of protobuf's lists, or in a file of the folder of `model`. Throws Error
// "WHERE: ..." for elements that are no numbers, and for as many as the shape does not say.
[[nodiscard]] Tensor read_tensor(const onnx::TensorProto& proto, const std::filesystem::path& model,
                                 const std::string& where);

}  // namespace basil::onnx_import
