// How an ONNX model is to be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/progress.h"

namespace basil {

// A .npy for an input of the graph; of an empty name for the one input there is.
struct OnnxInput {
  std::string name;
  std::filesystem::path npy;  // of plain integers or reals, of the input's shape
};

struct OnnxOptions {
  std::vector<OnnxInput> inputs;
  std::uint64_t seed = 1;  // of the inputs that are drawn
  ShowProgress progress = {};
  std::function<void(const std::string&)> note = {};  // told in one line each what a person should know
};

}  // namespace basil
