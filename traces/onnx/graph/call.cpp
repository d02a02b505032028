#include "traces/onnx/graph/call.h"

#include <fmt/format.h>

#include "core/error.h"

namespace basil::onnx_import {

const Tensor& Call::operator[](std::size_t index) const {
  if (const Tensor* tensor = optional(index)) return *tensor;
  throw Error(where(), fmt::format("no input {}", index), "the operator's inputs");
}

}  // namespace basil::onnx_import
